"""Stores of MLflow: folders of files, and SQLite databases."""

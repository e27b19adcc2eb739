"""What training code calls: runs, and the functions of ``import runicorn``.

After ``init()`` nothing in here raises into training: what goes wrong is warned about once, counted, and kept in
the run's status. Import from the module that holds what you need; users import ``runicorn``.
"""

"""TensorBoard event files, written without TensorFlow, PyTorch or protobuf."""

"""What Parley can do besides talking: small tools that the language model calls. They run no code and touch no file."""

"""The model: its artefact folder, the classifier of frames, the MNIST frame, and the Hub."""

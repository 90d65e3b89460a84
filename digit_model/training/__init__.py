"""Code that only training and evaluation need."""

"""What trains the spotter, the network that finds the digits of a page."""

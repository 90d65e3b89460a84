"""A page -> its lines of digits, found by one network, the spotter; it serves nobody yet."""

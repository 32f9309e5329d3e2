"""What the clients offer, by subject; each operation written once for both faces."""

"""What goes over the wire: bodies sent and views answered, the same classes on both sides."""

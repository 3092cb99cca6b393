"""The harness: runs scenarios that update real servers while they work."""

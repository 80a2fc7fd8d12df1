"""What is done with tables once they are read: checking them, and writing them in other formats."""

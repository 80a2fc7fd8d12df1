"""`python -m symphainy` is the same as `symphainy`."""

from symphainy.cli import main

if __name__ == "__main__":
    main()

"""`open_store(url)`: the one place that knows which backend a URL means. Each driver is imported only when it is asked for."""

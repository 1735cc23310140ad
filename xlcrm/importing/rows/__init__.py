"""Which rows of a list are records and sales, and which are sums, headings, cancelled orders or refunds."""

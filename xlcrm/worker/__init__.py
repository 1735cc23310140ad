"""The resident worker: a process of one user that has xlcrm loaded and takes the next click; off by default."""

"""Privacy of clients: what is held on one, forgetting one everywhere, and how long anybody is kept."""

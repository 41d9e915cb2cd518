"""What pages read; bounded in queries and rows. Nothing here writes."""

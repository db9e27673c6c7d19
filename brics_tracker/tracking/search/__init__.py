"""The search page and endpoint: what of the spine is found (sources.py), by which filters, and what it gives."""

"""Every claim beside our number with its verdict, how values reach a page, versions, citation."""

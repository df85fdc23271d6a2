"""How fast training compute and effective compute have grown, and whether progress sped up."""

"""What only training needs; the one part that imports keras and tensorflow."""

"""A picture, in whatever file or array it comes -> an upright image -> its ink."""

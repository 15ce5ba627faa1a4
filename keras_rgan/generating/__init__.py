"""What a trained model makes: samples, streams, fillings, futures, files."""

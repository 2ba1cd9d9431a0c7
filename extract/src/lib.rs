//! Reading one file: bytes in; text, metadata, thumbnail out. Nothing is read yet. A leaf: it knows nothing of the house.

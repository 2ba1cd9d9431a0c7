//! One query language over two engines will live here. Nothing is searched yet.

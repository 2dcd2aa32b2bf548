fn main() { trunkline_app::run(); }

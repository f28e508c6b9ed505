package enum Hexadecimal {}

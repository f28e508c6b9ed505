// The target only makes zlib's header importable; a C target needs at least one source file.
#include "CZlib.h"

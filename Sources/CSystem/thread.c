#define _GNU_SOURCE
#include "CSystem.h"

#include <pthread.h>

void oss_name_thread(const char *name) {
#if defined(__APPLE__)
    pthread_setname_np(name);
#else
    pthread_setname_np(pthread_self(), name);
#endif
}

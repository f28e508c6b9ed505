#if defined(__linux__)

#define _GNU_SOURCE
#include "CLibcurl.h"

#include <dlfcn.h>
#include <errno.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

// The types of libcurl's interface, which has been stable since version 7.16 (2006).
struct version_information {
    int age;
    const char *version;
    unsigned int number;
};

struct message {
    int kind;
    void *easy;
    union {
        void *whatever;
        int result;
    } data;
};

struct option_information {
    const char *name;
    int number;
    int type;
    unsigned int flags;
};

static struct {
    int (*global_init)(long);
    char *(*version)(void);
    struct version_information *(*version_info)(int);
    const char *(*easy_strerror)(int);
    struct option_information *(*easy_option_by_name)(const char *);
    void *(*easy_init)(void);
    void (*easy_cleanup)(void *);
    void (*easy_reset)(void *);
    int (*easy_setopt)(void *, int, ...);
    int (*easy_getinfo)(void *, int, ...);
    int (*easy_pause)(void *, int);
    void *(*multi_init)(void);
    int (*multi_cleanup)(void *);
    int (*multi_setopt)(void *, int, ...);
    int (*multi_add_handle)(void *, void *);
    int (*multi_remove_handle)(void *, void *);
    int (*multi_socket_action)(void *, int, int, int *);
    struct message *(*multi_info_read)(void *, int *);
    void *(*share_init)(void);
    int (*share_cleanup)(void *);
    int (*share_setopt)(void *, int, ...);
} curl;

const char *oss_curl_load(const char *library) {
    void *handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
    if (!handle) return dlerror();
#define FIND(name)                                                   \
    *(void **)&curl.name = dlsym(handle, "curl_" #name);             \
    if (!curl.name) return "it has no function curl_" #name
    FIND(global_init);
    FIND(version);
    FIND(version_info);
    FIND(easy_strerror);
    FIND(easy_init);
    FIND(easy_cleanup);
    FIND(easy_reset);
    FIND(easy_setopt);
    FIND(easy_getinfo);
    FIND(easy_pause);
    FIND(multi_init);
    FIND(multi_cleanup);
    FIND(multi_setopt);
    FIND(multi_add_handle);
    FIND(multi_remove_handle);
    FIND(multi_socket_action);
    FIND(multi_info_read);
    FIND(share_init);
    FIND(share_cleanup);
    FIND(share_setopt);
#undef FIND
    // Since 7.73.
    *(void **)&curl.easy_option_by_name = dlsym(handle, "curl_easy_option_by_name");
    // 3 is CURL_GLOBAL_ALL. FoundationNetworking makes the same call, and libcurl counts them.
    return curl.global_init(3) == 0 ? NULL : "curl_global_init failed";
}

unsigned int oss_curl_version_number(void) {
    struct version_information *information = curl.version_info(0);
    return information ? information->number : 0;
}

const char *oss_curl_version(void) { return curl.version(); }
const char *oss_curl_error_text(int code) { return curl.easy_strerror(code); }

int oss_curl_option_number(const char *name) {
    if (!curl.easy_option_by_name) return -1;
    struct option_information *option = curl.easy_option_by_name(name);
    return option ? option->number : 0;
}

void *oss_curl_easy_create(void) { return curl.easy_init(); }
void oss_curl_easy_destroy(void *easy) { curl.easy_cleanup(easy); }
void oss_curl_easy_reset(void *easy) { curl.easy_reset(easy); }

int oss_curl_easy_set_integer(void *easy, int option, long value) { return curl.easy_setopt(easy, option, value); }
int oss_curl_easy_set_offset(void *easy, int option, int64_t value) { return curl.easy_setopt(easy, option, value); }
int oss_curl_easy_set_pointer(void *easy, int option, const void *value) {
    return curl.easy_setopt(easy, option, value);
}
int oss_curl_easy_set_data_callback(void *easy, int option, oss_curl_data_callback callback) {
    return curl.easy_setopt(easy, option, callback);
}
int oss_curl_easy_set_seek_callback(void *easy, int option, oss_curl_seek_callback callback) {
    return curl.easy_setopt(easy, option, callback);
}
int oss_curl_easy_set_open_callback(void *easy, int option, oss_curl_open_callback callback) {
    return curl.easy_setopt(easy, option, callback);
}
int oss_curl_easy_set_close_callback(void *easy, int option, oss_curl_close_callback callback) {
    return curl.easy_setopt(easy, option, callback);
}
int oss_curl_easy_set_start_callback(void *easy, int option, oss_curl_start_callback callback) {
    return curl.easy_setopt(easy, option, callback);
}
int oss_curl_easy_get_integer(void *easy, int information, long *value) {
    return curl.easy_getinfo(easy, information, value);
}
int oss_curl_easy_get_offset(void *easy, int information, int64_t *value) {
    return curl.easy_getinfo(easy, information, value);
}
int oss_curl_easy_get_pointer(void *easy, int information, void **value) {
    return curl.easy_getinfo(easy, information, value);
}
int oss_curl_easy_pause(void *easy, int directions) { return curl.easy_pause(easy, directions); }

void *oss_curl_multi_create(void) { return curl.multi_init(); }
void oss_curl_multi_destroy(void *multi) { curl.multi_cleanup(multi); }
int oss_curl_multi_set_integer(void *multi, int option, long value) {
    return curl.multi_setopt(multi, option, value);
}

int oss_curl_multi_set_callbacks(
    void *multi, oss_curl_socket_callback socketCallback, oss_curl_timer_callback timerCallback, void *context) {
    // CURLMOPT_SOCKETFUNCTION, SOCKETDATA, TIMERFUNCTION and TIMERDATA.
    int result = curl.multi_setopt(multi, 20001, socketCallback);
    if (!result) result = curl.multi_setopt(multi, 10002, context);
    if (!result) result = curl.multi_setopt(multi, 20004, timerCallback);
    if (!result) result = curl.multi_setopt(multi, 10005, context);
    return result;
}

int oss_curl_multi_add(void *multi, void *easy) { return curl.multi_add_handle(multi, easy); }
int oss_curl_multi_remove(void *multi, void *easy) { return curl.multi_remove_handle(multi, easy); }

int oss_curl_multi_act(void *multi, int socket, int events) {
    int running = 0;
    return curl.multi_socket_action(multi, socket, events, &running);
}

void *oss_curl_multi_next_ended(void *multi, int *result) {
    int remaining = 0;
    struct message *message;
    while ((message = curl.multi_info_read(multi, &remaining))) {
        // 1 is CURLMSG_DONE, the only kind there is.
        if (message->kind != 1) continue;
        *result = message->data.result;
        return message->easy;
    }
    return NULL;
}

void *oss_curl_share_create(void) {
    void *share = curl.share_init();
    // CURLSHOPT_SHARE with CURL_LOCK_DATA_DNS and CURL_LOCK_DATA_SSL_SESSION.
    if (share) curl.share_setopt(share, 1, 3), curl.share_setopt(share, 1, 4);
    return share;
}

void oss_curl_share_destroy(void *share) { curl.share_cleanup(share); }

int oss_events_create(void) { return epoll_create1(EPOLL_CLOEXEC); }

int oss_events_set(int events, int descriptor, bool isKnown, uint32_t wanted, uint64_t data) {
    struct epoll_event event = {.events = 0, .data = {.u64 = data}};
    if (wanted & EVENT_READ) event.events |= EPOLLIN;
    if (wanted & EVENT_WRITE) event.events |= EPOLLOUT;
    int operation = !wanted ? EPOLL_CTL_DEL : isKnown ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
    return epoll_ctl(events, operation, descriptor, &event);
}

int oss_events_wait(int events, struct oss_event *result, int capacity, int milliseconds) {
    struct epoll_event ready[128];
    if (capacity > 128) capacity = 128;
    int count = epoll_wait(events, ready, capacity, milliseconds);
    for (int index = 0; index < count; index++) {
        uint32_t flags = ready[index].events;
        result[index].events = (flags & EPOLLIN ? EVENT_READ : 0) | (flags & EPOLLOUT ? EVENT_WRITE : 0)
                               | (flags & (EPOLLERR | EPOLLHUP) ? EVENT_ERROR : 0);
        result[index].data = ready[index].data.u64;
    }
    return count;
}

int oss_wakeup_create(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

void oss_wakeup_signal(int descriptor) {
    uint64_t one = 1;
    while (write(descriptor, &one, sizeof one) < 0 && errno == EINTR) {}
}

void oss_wakeup_clear(int descriptor) {
    uint64_t count;
    while (read(descriptor, &count, sizeof count) < 0 && errno == EINTR) {}
}

#else
typedef int oss_curl_is_not_available;
#endif

// The functions of libcurl and of epoll that the libcurl transport calls, on Linux.
//
// libcurl is loaded when the first transport is created, so neither its headers nor a package is needed to build this
// library. FoundationNetworking itself links libcurl.so.4, so the library is present wherever a Swift program that uses
// URLSession runs. Swift cannot call functions with variable arguments, of which libcurl has three; each has one function
// here for each type of argument.

#ifndef OSS_CLIBCURL_H
#define OSS_CLIBCURL_H

#if defined(__linux__)

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Loads libcurl from a shared library. Returns `NULL`, or the cause of a failure. Must be called once, before any other
/// function of libcurl, and not concurrently.
const char *oss_curl_load(const char *library);
/// The version, such as 0x075801 for 7.88.1.
unsigned int oss_curl_version_number(void);
/// The versions of libcurl and of the libraries that it uses.
const char *oss_curl_version(void);
/// The text for an error code.
const char *oss_curl_error_text(int code);
/// The number of an option such as "URL"; 0 if libcurl does not have the option, -1 if it cannot tell.
int oss_curl_option_number(const char *name);

/// A list of strings, such as header lines. The layout is that of `struct curl_slist`.
struct oss_curl_list {
    char *text;
    struct oss_curl_list *next;
};

/// The address of a socket that libcurl needs. The layout is that of the start of `struct curl_sockaddr`.
struct oss_curl_address {
    int family;
    int type;
    int protocol;
};

typedef size_t (*oss_curl_data_callback)(char *bytes, size_t size, size_t count, void *context);
typedef int (*oss_curl_seek_callback)(void *context, int64_t offset, int origin);
typedef int (*oss_curl_close_callback)(void *context, int socket);
typedef int (*oss_curl_open_callback)(void *context, int purpose, struct oss_curl_address *address);
typedef int (*oss_curl_start_callback)(void *context, char *peer, char *local, int peerPort, int localPort);
typedef int (*oss_curl_socket_callback)(void *easy, int socket, int events, void *context, void *socketContext);
typedef int (*oss_curl_timer_callback)(void *multi, long milliseconds, void *context);

void *oss_curl_easy_create(void);
void oss_curl_easy_destroy(void *easy);
void oss_curl_easy_reset(void *easy);
int oss_curl_easy_set_integer(void *easy, int option, long value);
int oss_curl_easy_set_offset(void *easy, int option, int64_t value);
int oss_curl_easy_set_pointer(void *easy, int option, const void *value);
int oss_curl_easy_set_data_callback(void *easy, int option, oss_curl_data_callback callback);
int oss_curl_easy_set_seek_callback(void *easy, int option, oss_curl_seek_callback callback);
int oss_curl_easy_set_open_callback(void *easy, int option, oss_curl_open_callback callback);
int oss_curl_easy_set_close_callback(void *easy, int option, oss_curl_close_callback callback);
int oss_curl_easy_set_start_callback(void *easy, int option, oss_curl_start_callback callback);
int oss_curl_easy_get_integer(void *easy, int information, long *value);
int oss_curl_easy_get_offset(void *easy, int information, int64_t *value);
int oss_curl_easy_get_pointer(void *easy, int information, void **value);
int oss_curl_easy_pause(void *easy, int directions);

void *oss_curl_multi_create(void);
void oss_curl_multi_destroy(void *multi);
int oss_curl_multi_set_integer(void *multi, int option, long value);
int oss_curl_multi_set_callbacks(
    void *multi, oss_curl_socket_callback socketCallback, oss_curl_timer_callback timerCallback, void *context);
int oss_curl_multi_add(void *multi, void *easy);
int oss_curl_multi_remove(void *multi, void *easy);
/// Handles events of a socket, or timeouts if the socket is -1.
int oss_curl_multi_act(void *multi, int socket, int events);
/// Returns a handle whose transfer has ended and stores its result, or returns `NULL` if there is none.
void *oss_curl_multi_next_ended(void *multi, int *result);

/// Creates an object through which handles share resolved names and TLS sessions. All of them must be used on one thread.
void *oss_curl_share_create(void);
void oss_curl_share_destroy(void *share);

/// An event of a descriptor.
struct oss_event {
    uint32_t events;
    uint64_t data;
};

/// The events of a descriptor: readable, writable, and failed or closed by the peer.
enum { EVENT_READ = 1, EVENT_WRITE = 2, EVENT_ERROR = 4 };

/// Creates an object that waits for the events of descriptors. Returns its descriptor, or -1 with the cause in `errno`.
int oss_events_create(void);
/// Sets the events to wait for. Without events, the descriptor is removed. Returns 0, or -1 with the cause in `errno`.
int oss_events_set(int events, int descriptor, bool isKnown, uint32_t wanted, uint64_t data);
/// Waits for events. Returns their number, or -1 with the cause in `errno`.
int oss_events_wait(int events, struct oss_event *result, int capacity, int milliseconds);
/// Creates a descriptor that is readable after a call to `oss_wakeup_signal`. Returns -1 with the cause in `errno`.
int oss_wakeup_create(void);
void oss_wakeup_signal(int descriptor);
void oss_wakeup_clear(int descriptor);

#endif
#endif

// libcurl's options are set through variadic functions, which Swift cannot call: one plain function a type of
// argument. The callbacks live here too, since they run on libcurl's stack and touch nothing but the exchange.
#ifndef REEVE_CLIBCURL_SHIM_H
#define REEVE_CLIBCURL_SHIM_H

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

// What one transfer sends and receives. The owner frees `answer`.
struct reeve_exchange {
    const unsigned char *body;
    size_t body_length;
    size_t body_sent;
    unsigned char *answer;
    size_t answer_length;
    size_t answer_limit;
    bool public_addresses_only;
    bool address_refused;
    char fault[CURL_ERROR_SIZE];
};

static inline CURLcode reeve_curl_set_long(CURL *handle, CURLoption option, long value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode reeve_curl_set_text(CURL *handle, CURLoption option, const char *value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode reeve_curl_set_size(CURL *handle, CURLoption option, curl_off_t value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode reeve_curl_set_list(CURL *handle, CURLoption option, struct curl_slist *value) {
    return curl_easy_setopt(handle, option, value);
}

static inline long reeve_curl_long(CURL *handle, CURLINFO info) {
    long value = 0;
    return curl_easy_getinfo(handle, info, &value) == CURLE_OK ? value : 0;
}

static inline curl_off_t reeve_curl_size(CURL *handle, CURLINFO info) {
    curl_off_t value = 0;
    return curl_easy_getinfo(handle, info, &value) == CURLE_OK ? value : 0;
}

static inline CURLMcode reeve_curl_multi_set_long(CURLM *multi, CURLMoption option, long value) {
    return curl_multi_setopt(multi, option, value);
}

// Gives libcurl the next piece of the body.
static inline size_t reeve_curl_send(char *buffer, size_t size, size_t count, void *context) {
    struct reeve_exchange *exchange = context;
    size_t left = exchange->body_length - exchange->body_sent;
    size_t piece = size * count < left ? size * count : left;
    if (piece > 0) memcpy(buffer, exchange->body + exchange->body_sent, piece);
    exchange->body_sent += piece;
    return piece;
}

// Goes back in the body, where libcurl sends a request again on a new connection.
static inline int reeve_curl_seek(void *context, curl_off_t offset, int origin) {
    struct reeve_exchange *exchange = context;
    if (origin != SEEK_SET || offset < 0 || (size_t)offset > exchange->body_length) return CURL_SEEKFUNC_FAIL;
    exchange->body_sent = (size_t)offset;
    return CURL_SEEKFUNC_OK;
}

// Keeps the beginning of the answer and lets the rest go by.
static inline size_t reeve_curl_receive(char *bytes, size_t size, size_t count, void *context) {
    struct reeve_exchange *exchange = context;
    size_t length = size * count;
    size_t room = exchange->answer_limit - exchange->answer_length;
    size_t kept = length < room ? length : room;
    if (kept > 0) {
        unsigned char *grown = realloc(exchange->answer, exchange->answer_length + kept);
        if (grown == NULL) return 0;
        memcpy(grown + exchange->answer_length, bytes, kept);
        exchange->answer = grown;
        exchange->answer_length += kept;
    }
    return length;
}

static inline bool reeve_is_public_v4(const unsigned char *a) {
    if (a[0] == 0 || a[0] == 10 || a[0] == 127 || a[0] >= 224) return false;
    if (a[0] == 100 && (a[1] & 0xc0) == 64) return false;
    if (a[0] == 169 && a[1] == 254) return false;
    if (a[0] == 172 && (a[1] & 0xf0) == 16) return false;
    if (a[0] == 192 && a[1] == 168) return false;
    if (a[0] == 192 && a[1] == 0 && a[2] == 0) return false;
    if (a[0] == 198 && (a[1] & 0xfe) == 18) return false;
    return true;
}

// Whether an address lies in the public Internet: not this host, not a private network, not link-local, where clouds
// keep the credentials of machines.
static inline bool reeve_is_public(const struct sockaddr *address) {
    if (address->sa_family == AF_INET) {
        return reeve_is_public_v4((const unsigned char *)&((const struct sockaddr_in *)address)->sin_addr);
    }
    if (address->sa_family == AF_INET6) {
        const unsigned char *a = ((const struct sockaddr_in6 *)address)->sin6_addr.s6_addr;
        static const unsigned char mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
        static const unsigned char translated[12] = {0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0};
        if (memcmp(a, mapped, 12) == 0 || memcmp(a, translated, 12) == 0) return reeve_is_public_v4(a + 12);
        return (a[0] & 0xe0) == 0x20;
    }
    return false;
}

// Opens the socket of a resolved address unless the exchange may not go there.
static inline curl_socket_t reeve_curl_open(void *context, curlsocktype purpose, struct curl_sockaddr *address) {
    struct reeve_exchange *exchange = context;
    (void)purpose;
    if (exchange->public_addresses_only && !reeve_is_public(&address->addr)) {
        exchange->address_refused = true;
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

// Ties a handle to its exchange; both stay where they are until the transfer has ended.
static inline void reeve_curl_attach(CURL *handle, struct reeve_exchange *exchange) {
    curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, exchange->fault);
    curl_easy_setopt(handle, CURLOPT_READFUNCTION, reeve_curl_send);
    curl_easy_setopt(handle, CURLOPT_READDATA, exchange);
    curl_easy_setopt(handle, CURLOPT_SEEKFUNCTION, reeve_curl_seek);
    curl_easy_setopt(handle, CURLOPT_SEEKDATA, exchange);
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, reeve_curl_receive);
    curl_easy_setopt(handle, CURLOPT_WRITEDATA, exchange);
    curl_easy_setopt(handle, CURLOPT_OPENSOCKETFUNCTION, reeve_curl_open);
    curl_easy_setopt(handle, CURLOPT_OPENSOCKETDATA, exchange);
}

// Takes the next finished transfer; null when there is none.
static inline CURL *reeve_curl_next_finished(CURLM *multi, CURLcode *result) {
    int left = 0;
    CURLMsg *message;
    while ((message = curl_multi_info_read(multi, &left)) != NULL) {
        if (message->msg == CURLMSG_DONE) {
            *result = message->data.result;
            return message->easy_handle;
        }
    }
    return NULL;
}

#endif

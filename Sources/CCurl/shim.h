#include <curl/curl.h>
#include <sys/socket.h>

// Swift cannot call functions with a variable number of arguments: one function for each type.

static inline CURLcode curl_set_number(CURL *easy, CURLoption option, long value) {
  return curl_easy_setopt(easy, option, value);
}

static inline CURLcode curl_set_size(CURL *easy, CURLoption option, curl_off_t value) {
  return curl_easy_setopt(easy, option, value);
}

// For texts, which libcurl copies, for memory, and for lists; null sets the default again.
static inline CURLcode curl_set_pointer(CURL *easy, CURLoption option, const void *value) {
  return curl_easy_setopt(easy, option, value);
}

typedef size_t (*curl_take)(char *bytes, size_t size, size_t count, void *context);

// For CURLOPT_WRITEFUNCTION and CURLOPT_HEADERFUNCTION.
static inline CURLcode curl_set_taker(CURL *easy, CURLoption option, curl_take function) {
  return curl_easy_setopt(easy, option, function);
}

static inline CURLcode curl_set_before_request(CURL *easy, curl_prereq_callback function) {
  return curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, function);
}

static inline CURLcode curl_read_number(CURL *easy, CURLINFO fact, long *value) {
  return curl_easy_getinfo(easy, fact, value);
}

static curl_socket_t curl_open_private_socket(
    void *context, curlsocktype purpose, struct curl_sockaddr *address) {
  (void)context;
  (void)purpose;
  return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

// Keeps connections from programs that this one starts.
static inline CURLcode curl_keep_sockets_private(CURL *easy) {
  return curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, curl_open_private_socket);
}

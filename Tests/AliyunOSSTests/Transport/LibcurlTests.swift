#if os(Linux)
    import CLibcurl
    import Foundation
    import TestKit
    import Testing

    @testable import AliyunOSS

    @Suite("Interface to libcurl")
    struct LibcurlTests {
        private static let names: [Libcurl.Option: String] = [
            .noBody: "NOBODY", .post: "POST", .followLocation: "FOLLOWLOCATION", .verifyPeer: "SSL_VERIFYPEER",
            .httpGet: "HTTPGET", .verifyHost: "SSL_VERIFYHOST", .httpVersion: "HTTP_VERSION", .bufferSize: "BUFFERSIZE",
            .noSignal: "NOSIGNAL", .tcpNoDelay: "TCP_NODELAY", .connectTimeout: "CONNECTTIMEOUT_MS",
            .contentDecoding: "HTTP_CONTENT_DECODING", .protocols: "PROTOCOLS", .tcpKeepAlive: "TCP_KEEPALIVE",
            .pathAsIs: "PATH_AS_IS", .suppressConnectHeaders: "SUPPRESS_CONNECT_HEADERS",
            .uploadBufferSize: "UPLOAD_BUFFERSIZE", .http09Allowed: "HTTP09_ALLOWED", .writeContext: "WRITEDATA",
            .url: "URL", .proxy: "PROXY", .readContext: "READDATA", .errorBuffer: "ERRORBUFFER", .headers: "HTTPHEADER",
            .clientCertificate: "SSLCERT", .clientKeyPassword: "KEYPASSWD", .headerContext: "HEADERDATA",
            .customMethod: "CUSTOMREQUEST", .interface: "INTERFACE", .certificateAuthorities: "CAINFO",
            .clientKey: "SSLKEY", .share: "SHARE", .privatePointer: "PRIVATE", .openSocketContext: "OPENSOCKETDATA",
            .copiedPostFields: "COPYPOSTFIELDS", .seekContext: "SEEKDATA", .proxyUser: "PROXYUSERNAME",
            .proxyPassword: "PROXYPASSWORD", .noProxy: "NOPROXY", .resolve: "RESOLVE",
            .closeSocketContext: "CLOSESOCKETDATA", .writeFunction: "WRITEFUNCTION", .readFunction: "READFUNCTION",
            .headerFunction: "HEADERFUNCTION", .openSocketFunction: "OPENSOCKETFUNCTION", .seekFunction: "SEEKFUNCTION",
            .closeSocketFunction: "CLOSESOCKETFUNCTION", .startContext: "PREREQDATA", .startFunction: "PREREQFUNCTION",
            .largePostFieldSize: "POSTFIELDSIZE_LARGE",
        ]

        @Test("Every option has the number that libcurl returns for its name", arguments: Libcurl.Option.allCases)
        func optionNumber(_ option: Libcurl.Option) throws {
            _ = try Libcurl.load()
            let name = try #require(Self.names[option])
            #expect(oss_curl_option_number(name) == option.rawValue)
        }

        @Test("The library is loaded once, and is recent enough")
        func version() throws {
            let library = try Libcurl.load()
            #expect(library.version >= Libcurl.oldestVersion)
            #expect(library.description.hasPrefix("libcurl/"))
        }

        @Test(
            "The advice for a library that cannot be loaded is to install it, unless the program is fully static",
            arguments: [
                ("libcurl.so.4: cannot open shared object file: No such file or directory", true),
                ("Dynamic loading not supported", false),
            ])
        func advice(cause: String, installs: Bool) {
            let advice = Libcurl.advice(onLoadError: cause)
            #expect(advice.contains("install libcurl") == installs)
            #expect(advice.contains("use the URLSession transport"))
        }
    }
#endif

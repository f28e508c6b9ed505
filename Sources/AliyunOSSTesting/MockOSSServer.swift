import AliyunOSS

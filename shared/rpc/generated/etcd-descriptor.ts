// Generated from proto/ by scripts/generate.ts; do not edit.
import type { fromJSON } from '@grpc/proto-loader'

// protobufjs leaves out empty comments, which its own type demands.
export const descriptor = {
 "nested": {
  "etcdserverpb": {
   "nested": {
    "KV": {
     "methods": {
      "Range": {
       "requestType": "RangeRequest",
       "responseType": "RangeResponse"
      }
     }
    },
    "Watch": {
     "methods": {
      "Watch": {
       "requestType": "WatchRequest",
       "requestStream": true,
       "responseType": "WatchResponse",
       "responseStream": true
      }
     }
    },
    "Auth": {
     "methods": {
      "Authenticate": {
       "requestType": "AuthenticateRequest",
       "responseType": "AuthenticateResponse"
      }
     }
    },
    "ResponseHeader": {
     "fields": {
      "revision": {
       "type": "int64",
       "id": 3
      }
     }
    },
    "KeyValue": {
     "fields": {
      "key": {
       "type": "bytes",
       "id": 1
      },
      "value": {
       "type": "bytes",
       "id": 5
      }
     }
    },
    "RangeRequest": {
     "fields": {
      "key": {
       "type": "bytes",
       "id": 1
      },
      "rangeEnd": {
       "type": "bytes",
       "id": 2
      },
      "limit": {
       "type": "int64",
       "id": 3
      },
      "revision": {
       "type": "int64",
       "id": 4
      }
     }
    },
    "RangeResponse": {
     "fields": {
      "header": {
       "type": "ResponseHeader",
       "id": 1
      },
      "kvs": {
       "rule": "repeated",
       "type": "KeyValue",
       "id": 2
      },
      "more": {
       "type": "bool",
       "id": 3
      }
     }
    },
    "WatchRequest": {
     "oneofs": {
      "requestUnion": {
       "oneof": [
        "createRequest",
        "progressRequest"
       ]
      }
     },
     "fields": {
      "createRequest": {
       "type": "WatchCreateRequest",
       "id": 1
      },
      "progressRequest": {
       "type": "WatchProgressRequest",
       "id": 3
      }
     }
    },
    "WatchCreateRequest": {
     "fields": {
      "key": {
       "type": "bytes",
       "id": 1
      },
      "rangeEnd": {
       "type": "bytes",
       "id": 2
      },
      "startRevision": {
       "type": "int64",
       "id": 3
      },
      "fragment": {
       "type": "bool",
       "id": 8
      }
     }
    },
    "WatchProgressRequest": {
     "fields": {}
    },
    "WatchResponse": {
     "fields": {
      "header": {
       "type": "ResponseHeader",
       "id": 1
      },
      "created": {
       "type": "bool",
       "id": 3
      },
      "canceled": {
       "type": "bool",
       "id": 4
      },
      "compactRevision": {
       "type": "int64",
       "id": 5
      },
      "cancelReason": {
       "type": "string",
       "id": 6
      },
      "events": {
       "rule": "repeated",
       "type": "Event",
       "id": 11
      }
     }
    },
    "Event": {
     "fields": {
      "type": {
       "type": "EventType",
       "id": 1
      },
      "kv": {
       "type": "KeyValue",
       "id": 2
      }
     },
     "nested": {
      "EventType": {
       "values": {
        "PUT": 0,
        "DELETE": 1
       }
      }
     }
    },
    "AuthenticateRequest": {
     "fields": {
      "name": {
       "type": "string",
       "id": 1
      },
      "password": {
       "type": "string",
       "id": 2
      }
     }
    },
    "AuthenticateResponse": {
     "fields": {
      "token": {
       "type": "string",
       "id": 2
      }
     }
    }
   }
  }
 }
} as unknown as Parameters<typeof fromJSON>[0]

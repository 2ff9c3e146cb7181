// Generated from proto/ by scripts/generate.ts; do not edit.
import type { fromJSON } from '@grpc/proto-loader'

// protobufjs leaves out empty comments, which its own type demands.
export const descriptor = {
 "nested": {
  "pgsvc": {
   "nested": {
    "v1": {
     "nested": {
      "AgentService": {
       "methods": {
        "Connect": {
         "requestType": "AgentMessage",
         "requestStream": true,
         "responseType": "ControllerMessage",
         "responseStream": true
        }
       }
      },
      "AgentMessage": {
       "oneofs": {
        "body": {
         "oneof": [
          "hello",
          "ack",
          "nack",
          "progress",
          "observation",
          "heartbeat",
          "leaderReport",
          "certificateRequest"
         ]
        }
       },
       "fields": {
        "hello": {
         "type": "Hello",
         "id": 1
        },
        "ack": {
         "type": "Ack",
         "id": 2
        },
        "nack": {
         "type": "Nack",
         "id": 3
        },
        "progress": {
         "type": "Progress",
         "id": 4
        },
        "observation": {
         "type": "Observation",
         "id": 5
        },
        "heartbeat": {
         "type": "Heartbeat",
         "id": 6
        },
        "leaderReport": {
         "type": "LeaderReport",
         "id": 7
        },
        "certificateRequest": {
         "type": "CertificateRequest",
         "id": 8
        }
       }
      },
      "ControllerMessage": {
       "oneofs": {
        "body": {
         "oneof": [
          "welcome",
          "snapshot",
          "prepare",
          "commit",
          "abort",
          "heartbeat",
          "leaderHint",
          "certificate",
          "renewCertificate"
         ]
        }
       },
       "fields": {
        "welcome": {
         "type": "Welcome",
         "id": 1
        },
        "snapshot": {
         "type": "Snapshot",
         "id": 2
        },
        "prepare": {
         "type": "Prepare",
         "id": 3
        },
        "commit": {
         "type": "Commit",
         "id": 4
        },
        "abort": {
         "type": "Abort",
         "id": 5
        },
        "heartbeat": {
         "type": "Heartbeat",
         "id": 6
        },
        "leaderHint": {
         "type": "LeaderHint",
         "id": 8
        },
        "certificate": {
         "type": "SignedCertificate",
         "id": 9
        },
        "renewCertificate": {
         "type": "RenewCertificate",
         "id": 10
        },
        "nonce": {
         "type": "string",
         "id": 7
        }
       }
      },
      "Hello": {
       "fields": {
        "node": {
         "type": "string",
         "id": 1
        },
        "agentVersion": {
         "type": "string",
         "id": 2
        },
        "haproxyVersion": {
         "type": "string",
         "id": 3
        },
        "bootId": {
         "type": "string",
         "id": 4
        },
        "applied": {
         "rule": "repeated",
         "type": "AppliedOwner",
         "id": 5
        },
        "appliedVersion": {
         "type": "uint64",
         "id": 6
        },
        "lastFailed": {
         "type": "Fault",
         "id": 7
        },
        "failedVersion": {
         "type": "uint64",
         "id": 8
        },
        "heldDigests": {
         "rule": "repeated",
         "type": "string",
         "id": 9
        },
        "layout": {
         "type": "string",
         "id": 10
        }
       }
      },
      "AppliedOwner": {
       "fields": {
        "owner": {
         "type": "string",
         "id": 1
        },
        "revision": {
         "type": "uint64",
         "id": 2
        },
        "leader": {
         "type": "string",
         "id": 3
        }
       }
      },
      "Welcome": {
       "fields": {
        "controllerVersion": {
         "type": "string",
         "id": 1
        },
        "node": {
         "type": "string",
         "id": 2
        },
        "heartbeatMs": {
         "type": "uint32",
         "id": 3
        },
        "silenceMs": {
         "type": "uint32",
         "id": 4
        }
       }
      },
      "Prepare": {
       "fields": {
        "publishId": {
         "type": "string",
         "id": 1
        },
        "snapshot": {
         "type": "Snapshot",
         "id": 2
        },
        "leaseMs": {
         "type": "uint32",
         "id": 3
        },
        "dryRun": {
         "type": "bool",
         "id": 4
        }
       }
      },
      "Commit": {
       "fields": {
        "publishId": {
         "type": "string",
         "id": 1
        },
        "version": {
         "type": "uint64",
         "id": 2
        }
       }
      },
      "Abort": {
       "fields": {
        "publishId": {
         "type": "string",
         "id": 1
        }
       }
      },
      "Ack": {
       "fields": {
        "nonce": {
         "type": "string",
         "id": 1
        },
        "version": {
         "type": "uint64",
         "id": 2
        },
        "prepared": {
         "type": "bool",
         "id": 3
        },
        "change": {
         "type": "Change",
         "id": 4
        },
        "reasons": {
         "rule": "repeated",
         "type": "string",
         "id": 5
        },
        "timings": {
         "type": "Timings",
         "id": 6
        },
        "generation": {
         "type": "uint64",
         "id": 7
        },
        "liveFiles": {
         "rule": "repeated",
         "type": "LiveFile",
         "id": 8
        },
        "applied": {
         "rule": "repeated",
         "type": "AppliedOwner",
         "id": 9
        },
        "sessionsLeft": {
         "type": "uint32",
         "id": 10
        },
        "oldWorkers": {
         "type": "uint32",
         "id": 11
        },
        "quarantined": {
         "rule": "repeated",
         "type": "QuarantinedOwner",
         "id": 12
        },
        "replacedEdits": {
         "rule": "repeated",
         "type": "ReplacedEdit",
         "id": 13
        },
        "filesToWrite": {
         "type": "uint32",
         "id": 14
        }
       }
      },
      "ReplacedEdit": {
       "fields": {
        "name": {
         "type": "string",
         "id": 1
        },
        "copy": {
         "type": "string",
         "id": 2
        }
       }
      },
      "Nack": {
       "fields": {
        "nonce": {
         "type": "string",
         "id": 1
        },
        "version": {
         "type": "uint64",
         "id": 2
        },
        "prepared": {
         "type": "bool",
         "id": 3
        },
        "fault": {
         "type": "Fault",
         "id": 4
        },
        "applied": {
         "rule": "repeated",
         "type": "AppliedOwner",
         "id": 5
        },
        "faults": {
         "rule": "repeated",
         "type": "Fault",
         "id": 6
        }
       }
      },
      "Progress": {
       "fields": {
        "nonce": {
         "type": "string",
         "id": 1
        },
        "stage": {
         "type": "Stage",
         "id": 2
        },
        "elapsedMs": {
         "type": "uint32",
         "id": 3
        }
       }
      },
      "Observation": {
       "fields": {
        "haproxyRunning": {
         "type": "bool",
         "id": 1
        },
        "workerPid": {
         "type": "uint32",
         "id": 2
        },
        "servicesDown": {
         "rule": "repeated",
         "type": "string",
         "id": 3
        },
        "drift": {
         "rule": "repeated",
         "type": "Drift",
         "id": 4
        },
        "servingApplied": {
         "type": "bool",
         "id": 5
        },
        "oldWorkers": {
         "rule": "repeated",
         "type": "OldWorker",
         "id": 6
        },
        "lastReload": {
         "type": "Reload",
         "id": 7
        },
        "lastRepair": {
         "type": "Repair",
         "id": 8
        },
        "leaders": {
         "rule": "repeated",
         "type": "LeaderView",
         "id": 9
        },
        "standing": {
         "type": "Standing",
         "id": 10
        },
        "certificate": {
         "type": "CertificateReport",
         "id": 11
        }
       }
      },
      "LeaderHint": {
       "fields": {
        "owner": {
         "type": "string",
         "id": 1
        },
        "leader": {
         "type": "string",
         "id": 2
        },
        "source": {
         "type": "string",
         "id": 3
        },
        "timeline": {
         "type": "Timeline",
         "id": 4
        }
       }
      },
      "LeaderReport": {
       "fields": {
        "owner": {
         "type": "string",
         "id": 1
        },
        "step": {
         "type": "LeaderStep",
         "id": 2
        },
        "leader": {
         "type": "string",
         "id": 3
        },
        "before": {
         "type": "string",
         "id": 4
        },
        "atMs": {
         "type": "uint64",
         "id": 5
        },
        "source": {
         "type": "string",
         "id": 6
        },
        "timings": {
         "type": "FollowTimings",
         "id": 7
        },
        "timeline": {
         "type": "Timeline",
         "id": 8
        },
        "code": {
         "type": "string",
         "id": 9
        },
        "message": {
         "type": "string",
         "id": 10
        },
        "late": {
         "type": "bool",
         "id": 11
        },
        "done": {
         "type": "bool",
         "id": 12
        }
       }
      },
      "Standing": {
       "fields": {
        "appliedVersion": {
         "type": "uint64",
         "id": 1
        },
        "failedVersion": {
         "type": "uint64",
         "id": 2
        },
        "applied": {
         "rule": "repeated",
         "type": "AppliedOwner",
         "id": 3
        },
        "quarantined": {
         "rule": "repeated",
         "type": "QuarantinedOwner",
         "id": 4
        }
       }
      },
      "Heartbeat": {
       "fields": {}
      },
      "CertificateRequest": {
       "fields": {
        "csrPem": {
         "type": "string",
         "id": 1
        }
       }
      },
      "SignedCertificate": {
       "fields": {
        "certPem": {
         "type": "string",
         "id": 1
        },
        "caPem": {
         "type": "string",
         "id": 2
        },
        "notAfterMs": {
         "type": "uint64",
         "id": 3
        },
        "code": {
         "type": "string",
         "id": 4
        },
        "message": {
         "type": "string",
         "id": 5
        }
       }
      },
      "RenewCertificate": {
       "fields": {}
      },
      "CertificateReport": {
       "fields": {
        "notAfterMs": {
         "type": "uint64",
         "id": 1
        },
        "serial": {
         "type": "string",
         "id": 2
        },
        "problem": {
         "type": "string",
         "id": 3
        },
        "authorities": {
         "rule": "repeated",
         "type": "string",
         "id": 4
        }
       }
      },
      "FileRef": {
       "fields": {
        "name": {
         "type": "string",
         "id": 1
        },
        "digest": {
         "type": "string",
         "id": 2
        }
       }
      },
      "Blob": {
       "fields": {
        "digest": {
         "type": "string",
         "id": 1
        },
        "content": {
         "type": "bytes",
         "id": 2
        }
       }
      },
      "Variant": {
       "fields": {
        "leader": {
         "type": "string",
         "id": 1
        },
        "files": {
         "rule": "repeated",
         "type": "FileRef",
         "id": 2
        }
       }
      },
      "Member": {
       "fields": {
        "instance": {
         "type": "string",
         "id": 1
        },
        "address": {
         "type": "string",
         "id": 2
        },
        "patroniPort": {
         "type": "uint32",
         "id": 3
        },
        "patroniTls": {
         "type": "bool",
         "id": 4
        }
       }
      },
      "ServiceInfo": {
       "fields": {
        "name": {
         "type": "string",
         "id": 1
        },
        "port": {
         "type": "uint32",
         "id": 2
        },
        "check": {
         "type": "string",
         "id": 3
        },
        "servers": {
         "rule": "repeated",
         "type": "string",
         "id": 4
        },
        "backups": {
         "rule": "repeated",
         "type": "string",
         "id": 5
        }
       }
      },
      "Assignment": {
       "fields": {
        "owner": {
         "type": "string",
         "id": 1
        },
        "revision": {
         "type": "uint64",
         "id": 2
        },
        "variants": {
         "rule": "repeated",
         "type": "Variant",
         "id": 3
        },
        "leader": {
         "type": "string",
         "id": 4
        },
        "members": {
         "rule": "repeated",
         "type": "Member",
         "id": 5
        },
        "services": {
         "rule": "repeated",
         "type": "ServiceInfo",
         "id": 6
        },
        "follow": {
         "type": "Follow",
         "id": 7
        },
        "inventoryLeader": {
         "type": "string",
         "id": 8
        },
        "outsideNodes": {
         "type": "uint32",
         "id": 9
        }
       }
      },
      "Follow": {
       "values": {
        "FOLLOW_UNSPECIFIED": 0,
        "FOLLOW_ON": 1,
        "FOLLOW_REPORT": 2,
        "FOLLOW_OFF": 3
       }
      },
      "Snapshot": {
       "fields": {
        "version": {
         "type": "uint64",
         "id": 1
        },
        "assignments": {
         "rule": "repeated",
         "type": "Assignment",
         "id": 2
        },
        "blobs": {
         "rule": "repeated",
         "type": "Blob",
         "id": 3
        },
        "keptOwners": {
         "rule": "repeated",
         "type": "string",
         "id": 4
        }
       }
      },
      "Stage": {
       "values": {
        "STAGE_UNSPECIFIED": 0,
        "STAGE_RECEIVE": 1,
        "STAGE_GUARD": 2,
        "STAGE_STAGE": 3,
        "STAGE_VALIDATE": 4,
        "STAGE_SWAP": 5,
        "STAGE_RELOAD": 6,
        "STAGE_CONFIRM": 7
       }
      },
      "Fault": {
       "fields": {
        "stage": {
         "type": "Stage",
         "id": 1
        },
        "code": {
         "type": "string",
         "id": 2
        },
        "owner": {
         "type": "string",
         "id": 3
        },
        "file": {
         "type": "string",
         "id": 4
        },
        "line": {
         "type": "uint32",
         "id": 5
        },
        "message": {
         "type": "string",
         "id": 6
        },
        "haproxy": {
         "type": "string",
         "id": 7
        }
       }
      },
      "Timings": {
       "fields": {
        "stageMs": {
         "type": "uint32",
         "id": 1
        },
        "validateMs": {
         "type": "uint32",
         "id": 2
        },
        "swapMs": {
         "type": "uint32",
         "id": 3
        },
        "reloadMs": {
         "type": "uint32",
         "id": 4
        }
       }
      },
      "Change": {
       "values": {
        "CHANGE_UNSPECIFIED": 0,
        "CHANGE_NONE": 1,
        "CHANGE_RELOAD": 2,
        "CHANGE_NOT_RUNNING": 3,
        "CHANGE_RUNTIME": 4
       }
      },
      "LiveFile": {
       "fields": {
        "name": {
         "type": "string",
         "id": 1
        },
        "exists": {
         "type": "bool",
         "id": 2
        },
        "content": {
         "type": "bytes",
         "id": 3
        }
       }
      },
      "OldWorker": {
       "fields": {
        "pid": {
         "type": "uint32",
         "id": 1
        },
        "oldForS": {
         "type": "uint32",
         "id": 2
        },
        "sessions": {
         "type": "uint32",
         "id": 3
        },
        "silent": {
         "type": "bool",
         "id": 4
        }
       }
      },
      "Reload": {
       "fields": {
        "atMs": {
         "type": "uint64",
         "id": 1
        },
        "reasons": {
         "rule": "repeated",
         "type": "string",
         "id": 2
        },
        "sessionsLeft": {
         "type": "uint32",
         "id": 3
        }
       }
      },
      "QuarantinedOwner": {
       "fields": {
        "owner": {
         "type": "string",
         "id": 1
        },
        "revision": {
         "type": "uint64",
         "id": 2
        },
        "keptRevision": {
         "type": "uint64",
         "id": 3
        },
        "fault": {
         "type": "Fault",
         "id": 4
        }
       }
      },
      "Drift": {
       "fields": {
        "name": {
         "type": "string",
         "id": 1
        },
        "kind": {
         "type": "string",
         "id": 2
        },
        "owner": {
         "type": "string",
         "id": 3
        },
        "action": {
         "type": "string",
         "id": 4
        },
        "diff": {
         "type": "string",
         "id": 5
        }
       }
      },
      "Repair": {
       "fields": {
        "atMs": {
         "type": "uint64",
         "id": 1
        },
        "restored": {
         "rule": "repeated",
         "type": "string",
         "id": 2
        },
        "repaired": {
         "rule": "repeated",
         "type": "string",
         "id": 3
        },
        "othersVanished": {
         "rule": "repeated",
         "type": "string",
         "id": 4
        },
        "change": {
         "type": "Change",
         "id": 5
        },
        "fault": {
         "type": "Fault",
         "id": 6
        }
       }
      },
      "LeaderStep": {
       "values": {
        "LEADER_STEP_UNSPECIFIED": 0,
        "LEADER_STEP_SUSPECTED": 1,
        "LEADER_STEP_CONFIRMED": 2,
        "LEADER_STEP_TOLD": 3,
        "LEADER_STEP_MOVED": 4,
        "LEADER_STEP_UNCHANGED": 5,
        "LEADER_STEP_HELD": 6,
        "LEADER_STEP_FAILED": 7
       }
      },
      "FollowTimings": {
       "fields": {
        "confirmMs": {
         "type": "uint32",
         "id": 1
        },
        "tellMs": {
         "type": "uint32",
         "id": 2
        },
        "moveMs": {
         "type": "uint32",
         "id": 3
        }
       }
      },
      "Timeline": {
       "fields": {
        "system": {
         "type": "string",
         "id": 1
        },
        "timeline": {
         "type": "uint32",
         "id": 2
        }
       }
      },
      "LeaderView": {
       "fields": {
        "owner": {
         "type": "string",
         "id": 1
        },
        "leader": {
         "type": "string",
         "id": 2
        },
        "confirmed": {
         "type": "bool",
         "id": 3
        },
        "sinceMs": {
         "type": "uint64",
         "id": 4
        },
        "running": {
         "type": "string",
         "id": 5
        },
        "timings": {
         "type": "FollowTimings",
         "id": 6
        },
        "source": {
         "type": "string",
         "id": 7
        },
        "follow": {
         "type": "Follow",
         "id": 8
        },
        "code": {
         "type": "string",
         "id": 9
        },
        "message": {
         "type": "string",
         "id": 10
        }
       }
      }
     }
    }
   }
  },
  "grpc": {
   "nested": {
    "health": {
     "nested": {
      "v1": {
       "nested": {
        "Health": {
         "methods": {
          "Check": {
           "requestType": "HealthCheckRequest",
           "responseType": "HealthCheckResponse"
          },
          "Watch": {
           "requestType": "HealthCheckRequest",
           "responseType": "HealthCheckResponse",
           "responseStream": true
          }
         }
        },
        "HealthCheckRequest": {
         "fields": {
          "service": {
           "type": "string",
           "id": 1
          }
         }
        },
        "HealthCheckResponse": {
         "fields": {
          "status": {
           "type": "ServingStatus",
           "id": 1
          }
         },
         "nested": {
          "ServingStatus": {
           "values": {
            "UNKNOWN": 0,
            "SERVING": 1,
            "NOT_SERVING": 2,
            "SERVICE_UNKNOWN": 3
           }
          }
         }
        }
       }
      }
     }
    }
   }
  }
 }
} as unknown as Parameters<typeof fromJSON>[0]

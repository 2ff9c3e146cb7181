// Generated from proto/ by scripts/generate.ts; do not edit.
import type { fromJSON } from '@grpc/proto-loader'

// protobufjs leaves out empty comments, which its own type demands.
export const descriptor = {
 "nested": {
  "pgsvc": {
   "nested": {
    "v1": {
     "nested": {
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
      },
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
      "AdminService": {
       "methods": {
        "Publish": {
         "requestType": "PublishRequest",
         "responseType": "PublishEvent",
         "responseStream": true
        },
        "PublishNode": {
         "requestType": "PublishRequest",
         "responseType": "PublishEvent",
         "responseStream": true
        },
        "Rollback": {
         "requestType": "RollbackRequest",
         "responseType": "PublishEvent",
         "responseStream": true
        },
        "Remove": {
         "requestType": "RemoveRequest",
         "responseType": "PublishEvent",
         "responseStream": true
        },
        "Forget": {
         "requestType": "ForgetRequest",
         "responseType": "ForgetResponse"
        },
        "Status": {
         "requestType": "StatusRequest",
         "responseType": "StatusResponse"
        },
        "History": {
         "requestType": "HistoryRequest",
         "responseType": "HistoryResponse"
        },
        "Leaders": {
         "requestType": "LeadersRequest",
         "responseType": "LeadersResponse"
        },
        "Events": {
         "requestType": "EventsRequest",
         "responseType": "Event",
         "responseStream": true
        },
        "SignNode": {
         "requestType": "SignNodeRequest",
         "responseType": "SignNodeResponse"
        },
        "RevokeNode": {
         "requestType": "RevokeNodeRequest",
         "responseType": "RevokeResponse"
        },
        "RevokeOperator": {
         "requestType": "RevokeOperatorRequest",
         "responseType": "RevokeResponse"
        },
        "Renew": {
         "requestType": "RenewRequest",
         "responseType": "RenewResponse"
        },
        "Certificates": {
         "requestType": "CertificatesRequest",
         "responseType": "CertificatesResponse"
        },
        "Audit": {
         "requestType": "AuditRequest",
         "responseType": "AuditResponse"
        },
        "Relay": {
         "requestType": "AgentMessage",
         "requestStream": true,
         "responseType": "ControllerMessage",
         "responseStream": true
        }
       }
      },
      "PublishOptions": {
       "fields": {
        "check": {
         "type": "bool",
         "id": 1
        },
        "diff": {
         "type": "bool",
         "id": 2
        },
        "allowShrink": {
         "type": "bool",
         "id": 3
        },
        "timeoutMs": {
         "type": "uint32",
         "id": 4
        },
        "operator": {
         "type": "string",
         "id": 5
        }
       }
      },
      "PublishRequest": {
       "fields": {
        "pattern": {
         "type": "string",
         "id": 1
        },
        "nodes": {
         "rule": "repeated",
         "type": "string",
         "id": 2
        },
        "options": {
         "type": "PublishOptions",
         "id": 3
        }
       }
      },
      "RollbackRequest": {
       "fields": {
        "owner": {
         "type": "string",
         "id": 1
        },
        "revision": {
         "type": "uint64",
         "id": 2
        },
        "options": {
         "type": "PublishOptions",
         "id": 3
        }
       }
      },
      "RemoveRequest": {
       "fields": {
        "owner": {
         "type": "string",
         "id": 1
        },
        "nodes": {
         "rule": "repeated",
         "type": "string",
         "id": 2
        },
        "options": {
         "type": "PublishOptions",
         "id": 3
        }
       }
      },
      "ForgetRequest": {
       "fields": {
        "nodes": {
         "rule": "repeated",
         "type": "string",
         "id": 1
        },
        "options": {
         "type": "PublishOptions",
         "id": 2
        }
       }
      },
      "ForgetResponse": {
       "fields": {
        "nodes": {
         "rule": "repeated",
         "type": "ForgottenNode",
         "id": 1
        }
       }
      },
      "ForgottenNode": {
       "fields": {
        "node": {
         "type": "string",
         "id": 1
        },
        "ended": {
         "rule": "repeated",
         "type": "EndedAssignment",
         "id": 2
        }
       }
      },
      "EndedAssignment": {
       "fields": {
        "owner": {
         "type": "string",
         "id": 1
        },
        "revision": {
         "type": "uint64",
         "id": 2
        }
       }
      },
      "PublishEvent": {
       "oneofs": {
        "event": {
         "oneof": [
          "targets",
          "warning",
          "progress",
          "diff",
          "node",
          "committed",
          "result"
         ]
        }
       },
       "fields": {
        "targets": {
         "type": "Targets",
         "id": 1
        },
        "warning": {
         "type": "Notice",
         "id": 2
        },
        "progress": {
         "type": "NodeProgress",
         "id": 3
        },
        "diff": {
         "type": "FileDiff",
         "id": 4
        },
        "node": {
         "type": "NodeResult",
         "id": 5
        },
        "committed": {
         "type": "Committed",
         "id": 6
        },
        "result": {
         "type": "PublishResult",
         "id": 7
        }
       }
      },
      "Targets": {
       "fields": {
        "publishId": {
         "type": "string",
         "id": 1
        },
        "owners": {
         "rule": "repeated",
         "type": "OwnerTarget",
         "id": 2
        }
       }
      },
      "OwnerTarget": {
       "fields": {
        "owner": {
         "type": "string",
         "id": 1
        },
        "nodes": {
         "rule": "repeated",
         "type": "string",
         "id": 2
        },
        "provider": {
         "type": "string",
         "id": 3
        }
       }
      },
      "Notice": {
       "fields": {
        "code": {
         "type": "string",
         "id": 1
        },
        "message": {
         "type": "string",
         "id": 2
        },
        "hint": {
         "type": "string",
         "id": 3
        },
        "owner": {
         "type": "string",
         "id": 4
        }
       }
      },
      "NodeProgress": {
       "fields": {
        "node": {
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
      "FileDiff": {
       "fields": {
        "node": {
         "type": "string",
         "id": 1
        },
        "file": {
         "type": "string",
         "id": 2
        },
        "unified": {
         "type": "string",
         "id": 3
        }
       }
      },
      "NodeOutcome": {
       "values": {
        "NODE_OUTCOME_UNSPECIFIED": 0,
        "NODE_OUTCOME_RELOADED": 1,
        "NODE_OUTCOME_UNCHANGED": 2,
        "NODE_OUTCOME_NOT_RUNNING": 3,
        "NODE_OUTCOME_OFFLINE": 4,
        "NODE_OUTCOME_REFUSED": 5,
        "NODE_OUTCOME_FAILED": 6,
        "NODE_OUTCOME_TIMEOUT": 7,
        "NODE_OUTCOME_WOULD_RELOAD": 8,
        "NODE_OUTCOME_ABORTED": 9,
        "NODE_OUTCOME_ADJUSTED": 10,
        "NODE_OUTCOME_WOULD_ADJUST": 11,
        "NODE_OUTCOME_QUARANTINED": 12
       }
      },
      "NodeResult": {
       "fields": {
        "node": {
         "type": "string",
         "id": 1
        },
        "outcome": {
         "type": "NodeOutcome",
         "id": 2
        },
        "fault": {
         "type": "Fault",
         "id": 3
        },
        "timings": {
         "type": "Timings",
         "id": 4
        },
        "reasons": {
         "rule": "repeated",
         "type": "string",
         "id": 5
        },
        "sessionsLeft": {
         "type": "uint32",
         "id": 6
        },
        "oldWorkers": {
         "type": "uint32",
         "id": 7
        }
       }
      },
      "Committed": {
       "fields": {
        "revisions": {
         "rule": "repeated",
         "type": "OwnerRevision",
         "id": 1
        }
       }
      },
      "OwnerRevision": {
       "fields": {
        "owner": {
         "type": "string",
         "id": 1
        },
        "revision": {
         "type": "uint64",
         "id": 2
        },
        "created": {
         "type": "bool",
         "id": 3
        }
       }
      },
      "PublishResult": {
       "fields": {
        "ok": {
         "type": "bool",
         "id": 1
        },
        "committed": {
         "type": "bool",
         "id": 2
        },
        "nothingToDo": {
         "type": "bool",
         "id": 3
        },
        "errors": {
         "rule": "repeated",
         "type": "Notice",
         "id": 4
        }
       }
      },
      "StatusRequest": {
       "fields": {
        "names": {
         "rule": "repeated",
         "type": "string",
         "id": 1
        }
       }
      },
      "StatusResponse": {
       "fields": {
        "owners": {
         "rule": "repeated",
         "type": "OwnerStatus",
         "id": 1
        },
        "nodes": {
         "rule": "repeated",
         "type": "NodeStatus",
         "id": 2
        },
        "controllerVersion": {
         "type": "string",
         "id": 3
        },
        "etcd": {
         "type": "EtcdWatch",
         "id": 4
        },
        "certificateNotAfterMs": {
         "type": "uint64",
         "id": 5
        },
        "problems": {
         "rule": "repeated",
         "type": "string",
         "id": 6
        }
       }
      },
      "EtcdWatch": {
       "fields": {
        "watching": {
         "type": "bool",
         "id": 1
        },
        "sinceMs": {
         "type": "uint64",
         "id": 2
        },
        "endpoint": {
         "type": "string",
         "id": 3
        },
        "leaders": {
         "type": "uint32",
         "id": 4
        },
        "reason": {
         "type": "string",
         "id": 5
        }
       }
      },
      "OwnerStatus": {
       "fields": {
        "owner": {
         "type": "string",
         "id": 1
        },
        "newest": {
         "type": "uint64",
         "id": 2
        },
        "nodes": {
         "rule": "repeated",
         "type": "OwnerNodeStatus",
         "id": 3
        },
        "leader": {
         "type": "string",
         "id": 4
        },
        "provider": {
         "type": "string",
         "id": 5
        },
        "inventoryLeader": {
         "type": "string",
         "id": 6
        },
        "leaderSinceMs": {
         "type": "uint64",
         "id": 7
        },
        "followedInMs": {
         "type": "uint32",
         "id": 8
        },
        "follow": {
         "type": "Follow",
         "id": 9
        },
        "liveLeader": {
         "type": "string",
         "id": 10
        },
        "liveSinceMs": {
         "type": "uint64",
         "id": 11
        }
       }
      },
      "OwnerNodeStatus": {
       "fields": {
        "node": {
         "type": "string",
         "id": 1
        },
        "assigned": {
         "type": "uint64",
         "id": 2
        },
        "running": {
         "type": "uint64",
         "id": 3
        },
        "leader": {
         "type": "string",
         "id": 4
        },
        "wantedLeader": {
         "type": "string",
         "id": 5
        }
       }
      },
      "NodeStatus": {
       "fields": {
        "node": {
         "type": "string",
         "id": 1
        },
        "connected": {
         "type": "bool",
         "id": 2
        },
        "sinceMs": {
         "type": "uint64",
         "id": 3
        },
        "wantedVersion": {
         "type": "uint64",
         "id": 4
        },
        "sentVersion": {
         "type": "uint64",
         "id": 5
        },
        "appliedVersion": {
         "type": "uint64",
         "id": 6
        },
        "parked": {
         "type": "bool",
         "id": 7
        },
        "fault": {
         "type": "Fault",
         "id": 8
        },
        "healthy": {
         "type": "bool",
         "id": 9
        },
        "problems": {
         "rule": "repeated",
         "type": "string",
         "id": 10
        },
        "agentVersion": {
         "type": "string",
         "id": 11
        },
        "haproxyVersion": {
         "type": "string",
         "id": 12
        },
        "oldWorkers": {
         "rule": "repeated",
         "type": "OldWorker",
         "id": 13
        },
        "lastReload": {
         "type": "Reload",
         "id": 14
        },
        "quarantined": {
         "rule": "repeated",
         "type": "QuarantinedOwner",
         "id": 15
        },
        "drift": {
         "rule": "repeated",
         "type": "Drift",
         "id": 16
        },
        "lastRepair": {
         "type": "Repair",
         "id": 17
        },
        "certificateNotAfterMs": {
         "type": "uint64",
         "id": 18
        },
        "relayed": {
         "type": "bool",
         "id": 19
        }
       }
      },
      "HistoryRequest": {
       "fields": {
        "owner": {
         "type": "string",
         "id": 1
        },
        "limit": {
         "type": "uint32",
         "id": 2
        }
       }
      },
      "HistoryResponse": {
       "fields": {
        "revisions": {
         "rule": "repeated",
         "type": "Revision",
         "id": 1
        },
        "acts": {
         "rule": "repeated",
         "type": "Act",
         "id": 2
        }
       }
      },
      "Revision": {
       "fields": {
        "number": {
         "type": "uint64",
         "id": 1
        },
        "createdMs": {
         "type": "uint64",
         "id": 2
        },
        "operator": {
         "type": "string",
         "id": 3
        },
        "inventoryDigest": {
         "type": "string",
         "id": 4
        },
        "nodes": {
         "rule": "repeated",
         "type": "string",
         "id": 5
        },
        "leader": {
         "type": "string",
         "id": 6
        }
       }
      },
      "Act": {
       "fields": {
        "publishId": {
         "type": "string",
         "id": 1
        },
        "atMs": {
         "type": "uint64",
         "id": 2
        },
        "kind": {
         "type": "string",
         "id": 3
        },
        "operator": {
         "type": "string",
         "id": 4
        },
        "revision": {
         "type": "uint64",
         "id": 5
        },
        "nodes": {
         "rule": "repeated",
         "type": "string",
         "id": 6
        },
        "outcome": {
         "type": "string",
         "id": 7
        }
       }
      },
      "LeadersRequest": {
       "fields": {
        "owners": {
         "rule": "repeated",
         "type": "string",
         "id": 1
        }
       }
      },
      "LeadersResponse": {
       "fields": {
        "clusters": {
         "rule": "repeated",
         "type": "ClusterLeader",
         "id": 1
        }
       }
      },
      "ClusterLeader": {
       "fields": {
        "owner": {
         "type": "string",
         "id": 1
        },
        "inventory": {
         "type": "string",
         "id": 2
        },
        "followed": {
         "type": "string",
         "id": 3
        },
        "sinceMs": {
         "type": "uint64",
         "id": 4
        },
        "source": {
         "type": "string",
         "id": 5
        },
        "follow": {
         "type": "Follow",
         "id": 6
        },
        "nodes": {
         "rule": "repeated",
         "type": "NodeLeader",
         "id": 7
        }
       }
      },
      "NodeLeader": {
       "fields": {
        "node": {
         "type": "string",
         "id": 1
        },
        "view": {
         "type": "LeaderView",
         "id": 2
        }
       }
      },
      "EventsRequest": {
       "fields": {
        "names": {
         "rule": "repeated",
         "type": "string",
         "id": 1
        },
        "limit": {
         "type": "uint32",
         "id": 2
        },
        "follow": {
         "type": "bool",
         "id": 3
        },
        "afterId": {
         "type": "uint64",
         "id": 4
        }
       }
      },
      "Event": {
       "fields": {
        "id": {
         "type": "uint64",
         "id": 1
        },
        "atMs": {
         "type": "uint64",
         "id": 2
        },
        "kind": {
         "type": "string",
         "id": 3
        },
        "owner": {
         "type": "string",
         "id": 4
        },
        "node": {
         "type": "string",
         "id": 5
        },
        "message": {
         "type": "string",
         "id": 6
        },
        "leader": {
         "type": "LeaderReport",
         "id": 7
        }
       }
      },
      "SignNodeRequest": {
       "fields": {
        "node": {
         "type": "string",
         "id": 1
        },
        "csrPem": {
         "type": "string",
         "id": 2
        }
       }
      },
      "SignNodeResponse": {
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
        "serial": {
         "type": "string",
         "id": 4
        }
       }
      },
      "RevokeNodeRequest": {
       "fields": {
        "node": {
         "type": "string",
         "id": 1
        },
        "unseen": {
         "type": "bool",
         "id": 2
        }
       }
      },
      "RevokeOperatorRequest": {
       "fields": {
        "operator": {
         "type": "string",
         "id": 1
        },
        "unseen": {
         "type": "bool",
         "id": 2
        }
       }
      },
      "RevokeResponse": {
       "fields": {
        "revokedMs": {
         "type": "uint64",
         "id": 1
        },
        "serials": {
         "rule": "repeated",
         "type": "string",
         "id": 2
        },
        "ended": {
         "type": "uint32",
         "id": 3
        },
        "signed": {
         "rule": "repeated",
         "type": "string",
         "id": 4
        }
       }
      },
      "RenewRequest": {
       "fields": {
        "nodes": {
         "rule": "repeated",
         "type": "string",
         "id": 1
        },
        "controller": {
         "type": "bool",
         "id": 2
        }
       }
      },
      "RenewResponse": {
       "fields": {
        "told": {
         "rule": "repeated",
         "type": "string",
         "id": 1
        },
        "offline": {
         "rule": "repeated",
         "type": "string",
         "id": 2
        },
        "controllerNotAfterMs": {
         "type": "uint64",
         "id": 3
        }
       }
      },
      "CertificatesRequest": {
       "fields": {
        "all": {
         "type": "bool",
         "id": 1
        }
       }
      },
      "CertificatesResponse": {
       "fields": {
        "certificates": {
         "rule": "repeated",
         "type": "Certificate",
         "id": 1
        },
        "revocations": {
         "rule": "repeated",
         "type": "Revocation",
         "id": 2
        },
        "authorities": {
         "rule": "repeated",
         "type": "Authority",
         "id": 3
        }
       }
      },
      "CertificateState": {
       "values": {
        "CERTIFICATE_STATE_UNSPECIFIED": 0,
        "CERTIFICATE_STATE_VALID": 1,
        "CERTIFICATE_STATE_EXPIRING": 2,
        "CERTIFICATE_STATE_EXPIRED": 3,
        "CERTIFICATE_STATE_REVOKED": 4,
        "CERTIFICATE_STATE_REPLACED": 5
       }
      },
      "Certificate": {
       "fields": {
        "kind": {
         "type": "string",
         "id": 1
        },
        "name": {
         "type": "string",
         "id": 2
        },
        "role": {
         "type": "string",
         "id": 3
        },
        "serial": {
         "type": "string",
         "id": 4
        },
        "notBeforeMs": {
         "type": "uint64",
         "id": 5
        },
        "notAfterMs": {
         "type": "uint64",
         "id": 6
        },
        "state": {
         "type": "CertificateState",
         "id": 7
        },
        "signedBy": {
         "type": "string",
         "id": 8
        },
        "issuer": {
         "type": "string",
         "id": 9
        }
       }
      },
      "Revocation": {
       "fields": {
        "kind": {
         "type": "string",
         "id": 1
        },
        "name": {
         "type": "string",
         "id": 2
        },
        "beforeMs": {
         "type": "uint64",
         "id": 3
        },
        "by": {
         "type": "string",
         "id": 4
        }
       }
      },
      "Authority": {
       "fields": {
        "name": {
         "type": "string",
         "id": 1
        },
        "fingerprint": {
         "type": "string",
         "id": 2
        },
        "notAfterMs": {
         "type": "uint64",
         "id": 3
        },
        "signs": {
         "type": "bool",
         "id": 4
        }
       }
      },
      "AuditRequest": {
       "fields": {
        "limit": {
         "type": "uint32",
         "id": 1
        },
        "sinceMs": {
         "type": "uint64",
         "id": 2
        }
       }
      },
      "AuditResponse": {
       "fields": {
        "records": {
         "rule": "repeated",
         "type": "AuditRecord",
         "id": 1
        }
       }
      },
      "AuditRecord": {
       "fields": {
        "id": {
         "type": "uint64",
         "id": 1
        },
        "atMs": {
         "type": "uint64",
         "id": 2
        },
        "lastMs": {
         "type": "uint64",
         "id": 3
        },
        "times": {
         "type": "uint32",
         "id": 4
        },
        "who": {
         "type": "string",
         "id": 5
        },
        "claimed": {
         "type": "string",
         "id": 6
        },
        "origin": {
         "type": "string",
         "id": 7
        },
        "what": {
         "type": "string",
         "id": 8
        },
        "detail": {
         "type": "string",
         "id": 9
        },
        "outcome": {
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

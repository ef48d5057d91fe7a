# Servers, their snapshots and SSH keys.

resource "vpsorg_server" {
  description = "A server. Host name, plan and power state change in place, all else replaces it."

  attribute "id" {
    type        = string
    computed    = true
    from        = ["uuid", "id"]
    description = "The uuid."
  }
  attribute "number" {
    type        = number
    computed    = true
    from        = "id"
    description = "The numeric id, which snapshots take."
  }
  attribute "hostname" {
    type     = string
    required = true
    validate {
      condition = can(regex("^[A-Za-z0-9.-]{1,253}$", value))
      message   = "A host name takes 1 to 253 letters, digits, hyphens and dots."
    }
  }
  attribute "location" {
    type        = number
    required    = true
    on_change   = "replace"
    from        = ["location.id", "location_id"]
    keep        = true
    description = "The location's id, see the data source vpsorg_locations."
  }
  attribute "plan" {
    type        = string
    required    = true
    from        = "plan.uuid"
    keep        = true
    description = "The plan's uuid, see the data source vpsorg_plans. A change resizes and may restart the server; the disk cannot shrink."
  }
  attribute "os_version" {
    type        = string
    required    = true
    on_change   = "replace"
    from        = "operating_system_version.uuid"
    keep        = true
    description = "The uuid of a version of an operating system, see the data source vpsorg_operating_systems."
  }
  attribute "ssh_keys" {
    type        = set(string)
    optional    = true
    on_change   = "replace"
    from        = []
    description = "Uuids of SSH keys; used at creation only."
  }
  attribute "power_state" {
    type     = string
    optional = true
    computed = true
    from     = "status"
    decode   = contains(["active", "stopped"], value) ? value : null
    # While it restarts or is suspended, nothing is to be changed about it.
    keep = true
    validate {
      condition = contains(["active", "stopped"], value)
      message   = "The power state is \"active\" or \"stopped\". A stopped server is still charged."
    }
  }
  attribute "password" {
    type        = string
    computed    = true
    sensitive   = true
    keep        = true
    description = "The initial password, told once after creation."
  }
  attribute "name" {
    type         = string
    computed     = true
    changes_with = ["hostname"]
  }
  attribute "status" {
    type         = string
    computed     = true
    changes_with = ["power_state", "plan"]
  }
  attribute "deployed" {
    type     = bool
    computed = true
  }
  attribute "ip_address" {
    type     = string
    computed = true
    from     = ["ip_address", "ipv4_addresses"]
    decode   = try(tolist(value)[0], tostring(value), null)
  }
  attribute "ipv4_addresses" {
    type     = list(string)
    computed = true
  }
  attribute "ipv6_addresses" {
    type     = list(string)
    computed = true
  }
  attribute "plan_name" {
    type         = string
    computed     = true
    from         = ["plan_name", "plan.name"]
    changes_with = ["plan"]
  }
  attribute "os_name" {
    type     = string
    computed = true
    from     = ["os_name", "os.name"]
  }
  attribute "location_name" {
    type     = string
    computed = true
    from     = ["location_name", "location.name"]
  }
  attribute "created_at" {
    type     = string
    computed = true
  }
  attribute "updated_at" {
    type     = string
    computed = true
    volatile = true
  }

  timeouts {
    create = "20m"
    update = "20m"
  }

  create {
    request "create" {
      path       = "/servers/"
      permission = "servers:create"
      body = {
        hostname   = self.hostname
        location   = self.location
        plan       = self.plan
        os_version = self.os_version
        ssh_keys   = try(length(self.ssh_keys), 0) == 0 ? null : self.ssh_keys
      }
      object = response
    }
    wait "deployment" {
      path         = "/servers/${self.id}/"
      permission   = "servers:list"
      interval     = "10s"
      timeout      = "20m"
      usually      = "2m"
      list_pending = !try(item.deployed, false) && item.status != "error"
      object       = response
      done         = try(response.deployed, true) && response.status == "active"
      failed       = response.status == "error"
      reason       = "the status is ${response.status}"
      progress     = response.status
    }
    request "stop" {
      when       = config.power_state == "stopped"
      path       = "/servers/${self.id}/power/"
      permission = "servers:power"
      idempotent = true
      body       = { action = "stop" }
      wait "stop" {
        path     = "/servers/${self.id}/"
        interval = "5s"
        timeout  = "10m"
        object   = response
        done     = response.status == "stopped"
        progress = response.status
      }
    }
  }

  read {
    request "details" {
      path       = "/servers/${self.id}/"
      permission = "servers:list"
    }
  }

  list {
    path       = "/servers/"
    permission = "servers:list"
    paging     = "pages"
    items      = try(body.results, body)
    item_key   = try(item.uuid, tostring(item.id))
    key        = self.id
    attributes = ["id", "number", "hostname", "name", "status", "power_state", "deployed", "ip_address", "ipv4_addresses", "ipv6_addresses", "plan_name", "os_name", "location_name", "created_at", "updated_at"]
    # The list names the plan, but does not tell which it is.
    detail_when = try(item.plan_name, item.plan.name, null) != self.plan_name
  }

  update "hostname" {
    attributes = ["hostname"]
    request "hostname" {
      path       = "/servers/${self.id}/"
      permission = "servers:update"
      hints = {
        "404" = "The vendor does not document how a host name is changed, and the service may not offer it. To get a new server instead, replace it: loam apply -replace=ADDRESS."
        "405" = "The vendor does not document how a host name is changed, and the service may not offer it. To get a new server instead, replace it: loam apply -replace=ADDRESS."
      }
      idempotent = true
      body       = { hostname = self.hostname }
    }
    # The change is not documented: what came of it is looked at.
    request "look" {
      method     = "GET"
      path       = "/servers/${self.id}/"
      permission = "servers:list"
      expect {
        condition = response.hostname == self.hostname
        message   = "The service took the new host name and did not change it."
      }
    }
  }
  update "plan" {
    attributes = ["plan"]
    request "resize" {
      method     = "POST"
      path       = "/servers/${self.id}/resize/"
      permission = "servers:resize"
      hints = {
        "400" = "Disks do not shrink. To get a new server with the smaller plan instead, replace it: loam apply -replace=ADDRESS."
      }
      idempotent = true
      body       = { plan = self.plan }
      wait "resize" {
        path     = "/servers/${self.id}/"
        interval = "10s"
        timeout  = "20m"
        result   = { status = response.status, plan_name = try(response.plan_name, response.plan.name, null) }
        done     = contains(["active", "stopped"], response.status)
        failed   = response.status == "error"
        reason   = "the status is ${response.status}"
        progress = response.status
      }
    }
  }
  update "power" {
    attributes = ["power_state"]
    when       = self.power_state != null
    request "power" {
      method     = "POST"
      path       = "/servers/${self.id}/power/"
      permission = "servers:power"
      idempotent = true
      body       = { action = self.power_state == "active" ? "start" : "stop" }
      wait "power" {
        path     = "/servers/${self.id}/"
        interval = "5s"
        timeout  = "10m"
        object   = response
        done     = response.status == config.power_state
        failed   = response.status == "error"
        reason   = "the status is ${response.status}"
        progress = response.status
      }
    }
  }

  delete {
    request "delete" {
      path       = "/servers/${self.id}/"
      permission = "servers:delete"
      expect {
        condition = !can(regex(".", body.detail))
        message   = "The service answered the deletion with a message, and the server is still there."
      }
    }
  }

  import "<id>" {}

  recover {
    match   = item.hostname == self.hostname
    created = item.created_at
    confirm = response.location == self.location && response.plan == self.plan
  }
}

resource "vpsorg_snapshot" {
  description = "A snapshot of a server."

  attribute "id" {
    type     = string
    computed = true
  }
  attribute "server_id" {
    type        = number
    required    = true
    on_change   = "replace"
    from        = "server.id"
    description = "The server's number."
  }
  attribute "name" {
    type      = string
    required  = true
    on_change = "replace"
    validate {
      condition = can(regex("^[A-Za-z0-9_-]+$", value))
      message   = "A snapshot's name takes letters, digits, hyphens and underscores."
    }
  }
  attribute "description" {
    type      = string
    optional  = true
    on_change = "replace"
    decode    = value == "" ? null : value
  }
  attribute "status" {
    type     = string
    computed = true
  }
  attribute "size_mb" {
    type     = number
    computed = true
  }
  attribute "created_at" {
    type     = string
    computed = true
  }

  timeouts {
    create = "30m"
  }

  create {
    request "create" {
      path       = "/snapshots/"
      permission = "servers:snapshot"
      body = {
        server_id   = self.server_id
        name        = self.name
        description = self.description
      }
      object = response
    }
    wait "snapshot" {
      path     = "/snapshots/"
      query    = { server_id = self.server_id, page_size = 100 }
      interval = "10s"
      timeout  = "30m"
      usually  = "30s"
      object   = one([for s in try(body.results, body) : s if tostring(s.id) == self.id])
      done     = one([for s in try(body.results, body) : s.status if tostring(s.id) == self.id]) == "completed"
      failed   = !contains(["pending", "in_progress", "completed"], one([for s in try(body.results, body) : s.status if tostring(s.id) == self.id]))
      reason   = "the snapshot failed"
      progress = one([for s in try(body.results, body) : s.status if tostring(s.id) == self.id])
    }
  }

  list {
    path       = "/snapshots/"
    permission = "snapshots:list"
    paging     = "pages"
    items      = try(body.results, body)
    item_key   = tostring(item.id)
    key        = self.id
    attributes = ["id", "server_id", "name", "description", "status", "size_mb", "created_at"]
  }

  delete {
    request "delete" {
      path       = "/snapshots/${self.id}/"
      permission = "snapshots:delete"
      hints      = { "405" = "The vendor does not document how a snapshot is deleted; delete it on the web site." }
    }
  }

  import "<id>" {
    when = can(regex("^[0-9]+$", id))
  }

  recover {
    match   = item.server.id == self.server_id && item.name == self.name
    created = item.created_at
  }
}

resource "vpsorg_ssh_key" {
  description = "An SSH key. It cannot be changed."

  attribute "id" {
    type     = string
    computed = true
    from     = "uuid"
  }
  attribute "name" {
    type      = string
    required  = true
    on_change = "replace"
  }
  attribute "public_key" {
    type      = string
    required  = true
    on_change = "replace"
    from      = []
    # The comment is not part of the key.
    normalize   = join(" ", slice(concat(split(" ", trimspace(value)), ["", ""]), 0, 2))
    description = "The OpenSSH public key. The service does not tell it again."
    example     = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFB example"
    validate {
      condition = can(regex("^[a-z0-9@.-]+ AAAA[A-Za-z0-9+/]+=*( .*)?$", trimspace(value)))
      message   = "One line of an OpenSSH public key is needed, such as \"ssh-ed25519 AAAA… me@example.com\"."
    }
  }
  attribute "fingerprint" {
    type     = string
    computed = true
  }
  attribute "created_at" {
    type     = string
    computed = true
  }
  attribute "last_used_at" {
    type     = string
    computed = true
    volatile = true
  }

  create {
    request "create" {
      path       = "/ssh-keys/"
      permission = "ssh-keys:create"
      body       = { name = self.name, public_key = self.public_key }
      object     = response
    }
  }

  list {
    path       = "/ssh-keys/"
    permission = "ssh-keys:list"
    paging     = "pages"
    items      = try(body.results, body)
    item_key   = item.uuid
    key        = self.id
    attributes = ["id", "name", "fingerprint", "created_at", "last_used_at"]
  }

  delete {
    request "delete" {
      path       = "/ssh-keys/${self.id}/"
      permission = "ssh-keys:delete"
    }
  }

  import "<id>" {}

  recover {
    match   = item.name == self.name
    created = item.created_at
  }
}

# Virtual servers.

resource "xessone_vps" {
  description = "A virtual server. Label and host name change in place, all else replaces it."

  attribute "id" {
    type     = string
    computed = true
  }
  attribute "label" {
    type        = string
    required    = true
    description = "The name: 1 to 64 letters, digits, hyphens, underscores and dots."
    validate {
      condition = can(regex("^[A-Za-z0-9_.-]{1,64}$", value))
      message   = "A label takes 1 to 64 letters, digits, hyphens, underscores and dots."
    }
  }
  attribute "hostname" {
    type        = string
    optional    = true
    computed    = true
    description = "The host name; the label if not set."
  }
  attribute "region" {
    type        = string
    required    = true
    on_change   = "replace"
    description = "The region, such as fra or sgp1."
  }
  attribute "plan" {
    type        = string
    required    = true
    on_change   = "replace"
    description = "The plan, such as edge-1."
  }
  attribute "image" {
    type        = string
    required    = true
    on_change   = "replace"
    description = "The image, such as debian-12."
  }
  attribute "ssh_keys" {
    type        = list(string)
    optional    = true
    on_change   = "replace"
    from        = []
    description = "Public keys for root; used at creation only."
    validate {
      condition = alltrue([for k in value : can(regex("^[a-z0-9@.-]+ AAAA[A-Za-z0-9+/]+=*( .*)?$", trimspace(k)))])
      message   = "Each key is one line of an OpenSSH public key, such as \"ssh-ed25519 AAAA… me@example.com\"."
    }
  }
  attribute "root_password" {
    type        = string
    optional    = true
    sensitive   = true
    write_only  = true
    on_change   = "replace"
    description = "Password of root, 8 to 72 characters. Without it and without keys the service makes one, which initial_root_password holds."
    validate {
      condition = length(value) >= 8 && length(value) <= 72
      message   = "The password needs 8 to 72 characters."
    }
  }
  attribute "initial_root_password" {
    type        = string
    computed    = true
    sensitive   = true
    from        = []
    description = "The password that the service made, if it made one. Told once, at creation."
  }
  attribute "user_data" {
    type        = string
    optional    = true
    sensitive   = true
    write_only  = true
    on_change   = "replace"
    description = "Cloud-init user data."
  }
  attribute "status" {
    type        = string
    computed    = true
    description = "provisioning, active, restarting, error or deleting."
  }
  attribute "ipv4" {
    type     = string
    computed = true
  }
  attribute "ipv6" {
    type     = string
    computed = true
  }
  attribute "vcpus" {
    type     = number
    computed = true
  }
  attribute "memory_mb" {
    type     = number
    computed = true
  }
  attribute "disk_gb" {
    type     = number
    computed = true
  }
  attribute "ssh_key_fingerprints" {
    type     = list(string)
    computed = true
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
    create = "15m"
  }

  create {
    request "create" {
      path = "/vps"
      body = {
        label         = self.label
        hostname      = self.hostname
        region        = self.region
        plan          = self.plan
        image         = self.image
        ssh_keys      = self.ssh_keys
        root_password = self.root_password
        user_data     = self.user_data
      }
      object = response
      result = { initial_root_password = response.root_password }
    }
    wait "provisioning" {
      path         = "/vps/${self.id}"
      interval     = "5s"
      timeout      = "15m"
      usually      = "1m"
      list_pending = item.status == "provisioning"
      object       = response
      done         = response.status == "active"
      failed       = !contains(["provisioning", "restarting", "active"], response.status)
      reason       = "the status is ${response.status}"
      progress     = response.status
    }
  }

  read {
    request "details" {
      path = "/vps/${self.id}"
    }
  }

  list {
    path       = "/vps"
    paging     = "pages"
    items      = try(response.items, response.vps, response)
    item_key   = item.id
    key        = self.id
    attributes = ["id", "label", "hostname", "region", "plan", "image", "status", "ipv4", "ipv6", "vcpus", "memory_mb", "disk_gb", "ssh_key_fingerprints", "created_at", "updated_at"]
  }

  update "settings" {
    attributes = ["label", "hostname"]
    request "update" {
      path       = "/vps/${self.id}"
      idempotent = true
      body = {
        label    = self.label == prior.label ? null : self.label
        hostname = self.hostname == prior.hostname ? null : self.hostname
      }
      object = response
    }
  }

  delete {
    request "delete" {
      path = "/vps/${self.id}"
    }
  }

  import "<id>" {}

  recover {
    match   = item.label == self.label && item.region == self.region
    created = item.created_at
    confirm = response.plan == self.plan && response.image == self.image
  }
}

data "xessone_vps" {
  description = "One virtual server, by id or by label."
  attribute "id" {
    type     = string
    optional = true
    computed = true
  }
  attribute "label" {
    type     = string
    optional = true
    computed = true
  }
  attribute "hostname" {
    type     = string
    computed = true
  }
  attribute "region" {
    type     = string
    computed = true
  }
  attribute "plan" {
    type     = string
    computed = true
  }
  attribute "image" {
    type     = string
    computed = true
  }
  attribute "status" {
    type     = string
    computed = true
  }
  attribute "ipv4" {
    type     = string
    computed = true
  }
  attribute "ipv6" {
    type     = string
    computed = true
  }
  attribute "vcpus" {
    type     = number
    computed = true
  }
  attribute "memory_mb" {
    type     = number
    computed = true
  }
  attribute "disk_gb" {
    type     = number
    computed = true
  }
  attribute "ssh_key_fingerprints" {
    type     = list(string)
    computed = true
  }
  attribute "created_at" {
    type     = string
    computed = true
  }
  attribute "updated_at" {
    type     = string
    computed = true
  }
  validate {
    condition = (config.id == null) != (config.label == null)
    message   = "Set either id or label."
  }
  request "find" {
    when   = self.id == null
    path   = "/vps"
    paging = "pages"
    items  = try(response.items, response.vps, response)
    result = { id = one([for i in items : i.id if i.label == self.label]) }
    expect {
      condition = length([for i in items : i.id if i.label == self.label]) > 0
      message   = "There is no machine of that label."
    }
    expect {
      condition = length([for i in items : i.id if i.label == self.label]) < 2
      message   = "More than one machine has that label: set id instead."
    }
  }
  request "details" {
    path = "/vps/${self.id}"
  }
}

data "xessone_vps_list" {
  description = "All virtual servers."
  attribute "vps" {
    type = list(object({
      id         = string
      label      = string
      hostname   = string
      region     = string
      plan       = string
      image      = string
      status     = string
      ipv4       = string
      ipv6       = string
      vcpus      = number
      memory_mb  = number
      disk_gb    = number
      created_at = string
      updated_at = string
    }))
    computed = true
  }
  request "list" {
    path   = "/vps"
    paging = "pages"
    items  = try(response.items, response.vps, response)
    result = { vps = items }
  }
}

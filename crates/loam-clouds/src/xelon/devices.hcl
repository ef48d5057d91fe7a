# Devices (virtual machines).

# Waiting for a device.
template "device_on" {
  use      = "settling"
  path     = "/devices/${self.id}"
  usually  = "15s"
  done     = response.isPoweredOn
  progress = response.isPoweredOn ? "on" : "starting"
}
template "device_off" {
  use     = "settling"
  path    = "/devices/${self.id}"
  usually = "10s"
  done    = !response.isPoweredOn
}
template "device_ready" {
  use   = "state"
  path  = "/devices/${self.id}"
  delay = "0s"
}
# A change takes less time than a creation.
template "device_changed" {
  use     = "device_ready"
  usually = "10s"
}

# Shutting a device down; `look` is how it was before.
template "device_stop" {
  method     = "POST"
  path       = "/devices/${self.id}/stop"
  idempotent = true
  wait "off" {
    use = "device_off"
  }
}
template "device_start" {
  method     = "POST"
  path       = "/devices/${self.id}/start"
  idempotent = true
  wait "on" {
    use = "device_on"
  }
}

# A disk can be resized only while its device has no snapshots.
template "without_snapshots" {
  request "snapshots" {
    use    = "pages"
    method = "GET"
    path   = "/devices/${self.id}/snapshots"
  }
  request "delete_snapshot" {
    for_each = [for s in step.snapshots : s.identifier]
    method   = "DELETE"
    path     = "/devices/${self.id}/snapshots/${each.value}"
    body     = { removeChildren = true }
    accept   = ["404"]
  }
  wait "no_snapshots" {
    use     = "settling"
    path    = "/devices/${self.id}/snapshots"
    when    = length(step.snapshots) > 0
    delay   = "0s"
    usually = "10s"
    done    = length(response) == 0
  }
}

resource "xelon_device" {
  use         = "identified"
  description = "A virtual machine."

  attribute "display_name" {
    type     = string
    required = true
    from     = "displayName"
  }
  attribute "hostname" {
    type      = string
    required  = true
    on_change = "replace"
    from      = "hostName"
  }
  attribute "template_id" {
    type      = string
    required  = true
    on_change = "replace"
    from      = ["templateId", "template.identifier"]
    keep      = true
  }
  attribute "tenant_id" {
    type      = string
    required  = true
    on_change = "replace"
    from      = ["tenantIdentifier", "tenant.identifier"]
    keep      = true
  }
  attribute "cpu_core_count" {
    type        = number
    required    = true
    from        = "cpu"
    description = "A change stops and starts the device, unless it has both kinds of hotplug."
  }
  attribute "memory" {
    type        = number
    required    = true
    from        = "ram"
    description = "GB. A change stops and starts the device, unless it has both kinds of hotplug."
  }
  attribute "cpu_core_hotplug" {
    type        = bool
    optional    = true
    computed    = true
    from        = "cpuHotAddEnabled"
    description = "A change stops and starts the device."
  }
  attribute "memory_hotplug" {
    type        = bool
    optional    = true
    computed    = true
    from        = "ramHotAddEnabled"
    description = "A change stops and starts the device."
  }
  # Nothing tells which disk is which: the first is that with the lowest unit, the swap
  # disk the one after it, if the device was made with one.
  attribute "disk_size" {
    type        = number
    required    = true
    from        = "storages"
    decode      = try([for s in value : s.size if tostring(s.id) == self.disk_id][0], [for s in value : s.size if s.unitNumber == min([for x in value : x.unitNumber]...)][0], null)
    keep        = true
    description = "GB; it can only grow, and growing deletes the device's snapshots."
  }
  attribute "disk_id" {
    type     = string
    computed = true
    from     = "storages"
    decode   = try(coalesce(self.disk_id), [for s in value : s.id if s.unitNumber == min([for x in value : x.unitNumber]...)][0], null)
    keep     = true
  }
  attribute "swap_disk_size" {
    type        = number
    optional    = true
    computed    = true
    from        = "storages"
    decode      = self.swap_disk_size == 0 ? 0 : try([for s in value : s.size if tostring(s.id) == self.swap_disk_id][0], [for s in value : s.size if s.unitNumber == min([for x in value : x.unitNumber if x.unitNumber != min([for y in value : y.unitNumber]...)]...)][0], null)
    keep        = true
    description = "GB; needed unless user_data is set. It can only grow."
  }
  attribute "swap_disk_id" {
    type     = string
    computed = true
    from     = "storages"
    decode   = self.swap_disk_size == 0 ? null : try(coalesce(self.swap_disk_id), [for s in value : s.id if s.unitNumber == min([for x in value : x.unitNumber if x.unitNumber != min([for y in value : y.unitNumber]...)]...)][0], null)
    keep     = true
  }
  block "networks" {
    syntax      = "attribute"
    nesting     = "set"
    required    = true
    on_change   = "replace"
    from        = []
    description = "The networks that it is connected to. Connections made elsewhere are left alone: the service cannot change them."
    attribute "id" {
      type     = string
      required = true
    }
    attribute "connected" {
      type     = bool
      optional = true
    }
    attribute "ipv4_address" {
      type     = string
      optional = true
      computed = true
    }
    attribute "ipv4_address_id" {
      type     = string
      optional = true
      from     = []
    }
  }
  attribute "ipv4_addresses" {
    type        = list(string)
    computed    = true
    keep        = true
    description = "The addresses of the device's networks."
  }
  attribute "password" {
    type        = string
    optional    = true
    sensitive   = true
    write_only  = true
    on_change   = "replace"
    description = "Required unless user_data is set."
  }
  attribute "user_data" {
    type        = string
    optional    = true
    on_change   = "replace"
    from        = []
    description = "Cloud-init user data."
  }
  attribute "ssh_key_id" {
    type        = string
    optional    = true
    from        = []
    description = "One SSH key; ssh_key_ids takes several."
  }
  attribute "ssh_key_ids" {
    type         = set(string)
    optional     = true
    computed     = true
    keep         = true
    changes_with = ["ssh_key_id"]
    description  = "SSH keys. Only devices made from Linux templates tell theirs."
  }
  attribute "script_id" {
    type      = string
    optional  = true
    on_change = "replace"
    from      = []
  }
  attribute "backup_job_id" {
    type      = number
    optional  = true
    on_change = "replace"
    from      = []
  }
  attribute "enable_monitoring" {
    type       = bool
    default    = false
    on_change  = "remember"
    from       = []
    deprecated = "The service no longer offers it."
  }
  attribute "send_email" {
    type      = bool
    optional  = true
    on_change = "remember"
    from      = []
  }
  attribute "is_powered_on" {
    type     = bool
    computed = true
    from     = "isPoweredOn"
    volatile = true
  }
  attribute "state" {
    type     = number
    computed = true
    volatile = true
  }
  validate {
    condition = config.password != null || config.user_data != null
    message   = "Set password or user_data."
  }
  validate {
    condition = config.swap_disk_size != null || config.user_data != null
    message   = "swap_disk_size is needed unless user_data is set."
  }
  validate {
    condition = config.ssh_key_id == null || config.ssh_key_ids == null
    message   = "Set ssh_key_id or ssh_key_ids, not both."
  }
  change {
    condition = self.disk_size >= prior.disk_size
    message   = "A disk can only grow: disk_size must not be less than it is."
  }
  change {
    condition = try(coalesce(self.swap_disk_size), 0) >= try(coalesce(prior.swap_disk_size), 0)
    message   = "A disk can only grow: swap_disk_size must not be less than it is."
  }
  change {
    condition = prior.swap_disk_id != null || try(coalesce(self.swap_disk_size), 0) == try(coalesce(prior.swap_disk_size), 0)
    message   = "The device was made without a swap disk and cannot be given one."
  }
  timeouts {
    create = "30m"
    update = "30m"
    delete = "20m"
  }
  create {
    request "create" {
      path = "/devices"
      body = {
        templateId           = self.template_id
        tenantIdentifier     = self.tenant_id
        displayName          = self.display_name
        hostName             = self.hostname
        cpu                  = self.cpu_core_count
        ram                  = self.memory
        diskSize             = self.disk_size
        swapDiskSize         = try(coalesce(self.swap_disk_size), 0)
        password             = self.password == null ? "" : self.password
        passwordConfirmation = self.password == null ? "" : self.password
        isMonitoring         = false
        networks             = [for n in self.networks : { networkId = n.id, connectOnPowerOn = try(coalesce(n.connected), false), ip = n.ipv4_address, ipId = n.ipv4_address_id }]
        cloudInit            = self.user_data == null ? null : { userData = self.user_data }
        cpuHotAdd            = self.cpu_core_hotplug == true ? true : null
        ramHotAdd            = self.memory_hotplug == true ? true : null
        sshKeyId             = self.ssh_key_id
        sshKeyIds            = try(length(self.ssh_key_ids) > 0 ? self.ssh_key_ids : null, null)
        scriptId             = self.script_id
        backJobId            = self.backup_job_id
        sendEmail            = self.send_email
      }
      object = response
      result = { swap_disk_size = try(coalesce(self.swap_disk_size), 0) }
    }
    wait "powered_on" {
      use          = "device_on"
      list_pending = !try(item.isPoweredOn, true)
    }
    wait "ready" {
      use          = "device_ready"
      list_pending = contains([0, 2, 3], try(item.state, 1))
      object       = response
    }
  }
  read {
    request "device" {
      path   = "/devices/${self.id}"
      object = response
    }
    request "network" {
      path = "/devices/${self.id}/network"
      result = {
        ipv4_addresses = sort(distinct(flatten([for n in response : [for ip in try(flatten([n.ip]), []) : ip if can(regex("^[0-9.]+$", ip))]])))
        networks = [
          for m in try(length(self.networks), 0) > 0 ? tolist(self.networks) : [for n in response : { id = n.identifier, connected = n.isConnected, ipv4_address = null, ipv4_address_id = null }] : {
            id              = m.id
            connected       = m.connected
            ipv4_address_id = m.ipv4_address_id
            ipv4_address    = try([for n in response : [for ip in flatten([n.ip]) : ip if can(regex("^[0-9.]+$", ip))][0] if n.identifier == m.id && n.isConnected && n.ip != null][0], null)
          }
        ]
      }
    }
    request "keys" {
      path   = "/devices/${self.id}/ssh-key"
      accept = ["404"]
      result = { ssh_key_ids = length(response) == 0 && try(length(self.ssh_key_ids), 0) > 0 ? null : toset([for k in response : k.identifier]) }
    }
  }
  list {
    use        = "list"
    path       = "/devices"
    attributes = ["id", "display_name", "hostname", "cpu_core_count", "memory", "cpu_core_hotplug", "memory_hotplug", "disk_size", "swap_disk_size", "is_powered_on", "state"]
  }
  update "name" {
    attributes = ["display_name"]
    request "rename" {
      method = "PUT"
      path   = "/devices/${self.id}"
      body   = { displayName = self.display_name }
    }
  }
  update "hotplug" {
    attributes = ["cpu_core_hotplug", "memory_hotplug"]
    request "look" {
      method = "GET"
      path   = "/devices/${self.id}"
    }
    request "stop" {
      use  = "device_stop"
      when = try(step.look.isPoweredOn, true)
    }
    request "hotplug" {
      method     = "POST"
      path       = "/devices/${self.id}/edit-hotplug"
      body       = { cpuHotAdd = self.cpu_core_hotplug == true, ramHotAdd = self.memory_hotplug == true }
      idempotent = true
    }
    request "start" {
      use  = "device_start"
      when = try(step.look.isPoweredOn, true)
    }
    wait "ready" {
      use = "device_changed"
    }
  }
  update "hardware" {
    attributes = ["cpu_core_count", "memory"]
    request "look" {
      method = "GET"
      path   = "/devices/${self.id}"
    }
    request "stop" {
      use  = "device_stop"
      when = try(step.look.isPoweredOn, true) && !(try(step.look.cpuHotAddEnabled, false) && try(step.look.ramHotAddEnabled, false))
    }
    request "hardware" {
      method = "PUT"
      path   = "/devices/${self.id}/hardware"
      body   = { cpu = self.cpu_core_count, ram = self.memory }
    }
    wait "changed" {
      use = "device_changed"
    }
    request "start" {
      use  = "device_start"
      when = try(step.look.isPoweredOn, true) && !(try(step.look.cpuHotAddEnabled, false) && try(step.look.ramHotAddEnabled, false))
    }
    wait "ready" {
      use = "device_changed"
    }
  }
  update "disk" {
    use        = "without_snapshots"
    attributes = ["disk_size"]
    request "grow" {
      method = "PUT"
      path   = "/devices/${self.id}/disk"
      body   = { diskId = self.disk_id, size = self.disk_size, extendPartition = true, createSnapshot = true }
    }
    wait "grown" {
      use   = "device_changed"
      delay = "3s"
    }
  }
  update "swap_disk" {
    use        = "without_snapshots"
    attributes = ["swap_disk_size"]
    request "grow" {
      method = "PUT"
      path   = "/devices/${self.id}/disk"
      body   = { diskId = self.swap_disk_id, size = self.swap_disk_size, extendPartition = true, createSnapshot = true }
    }
    wait "grown" {
      use   = "device_changed"
      delay = "3s"
    }
  }
  # Keys come and go after a moment, and show up on Linux devices only.
  update "ssh_keys" {
    attributes = ["ssh_key_id", "ssh_key_ids"]
    request "template" {
      method = "GET"
      path   = "/templates/${self.template_id}"
      accept = ["404"]
    }
    request "keys" {
      method = "GET"
      path   = "/devices/${self.id}/ssh-key"
    }
    request "add" {
      for_each = [for k in try(coalesce(config.ssh_key_ids), compact([config.ssh_key_id])) : k if !contains([for x in step.keys : x.identifier], k)]
      method   = "POST"
      path     = "/devices/${self.id}/ssh-key"
      body     = { sshKeyId = each.value }
      wait "added" {
        use  = "settling"
        path = "/devices/${self.id}/ssh-key"
        when = lower(try(step.template.type, "linux")) == "linux"
        done = contains([for x in response : x.identifier], each.value)
      }
    }
    request "remove" {
      for_each = [for x in step.keys : x.identifier if !contains(try(coalesce(config.ssh_key_ids), compact([config.ssh_key_id])), x.identifier) && (config.ssh_key_ids != null || x.identifier == prior.ssh_key_id)]
      method   = "DELETE"
      path     = "/devices/${self.id}/ssh-key/${each.value}"
      accept   = ["404"]
      wait "removed" {
        use  = "settling"
        path = "/devices/${self.id}/ssh-key"
        done = !contains([for x in response : x.identifier], each.value)
      }
    }
    request "left" {
      method = "GET"
      path   = "/devices/${self.id}/ssh-key"
      result = { ssh_key_ids = config.ssh_key_ids != null ? config.ssh_key_ids : toset([for x in response : x.identifier]) }
    }
  }
  delete {
    request "look" {
      method = "GET"
      path   = "/devices/${self.id}"
    }
    request "stop" {
      use  = "device_stop"
      when = try(step.look.isPoweredOn, true)
    }
    request "delete" {
      path = "/devices/${self.id}"
    }
  }
  recover {
    match   = try(item.displayName, null) == self.display_name && try(item.hostName, self.hostname) == self.hostname
    confirm = response.cpu_core_count == self.cpu_core_count && response.memory == self.memory
  }
}

# Xelon HQ, v2 API.
#
# Six shapes of answers, chosen by endpoint: `data` is unwrapped where it is. New objects
# answer 500 for a moment. Items of lists may be poorer than details: what they lack says
# nothing. Resource types and arguments are those of the vendor's Terraform provider, with
# replacement where the API cannot change something.

provider "xelon" {
  source      = "registry.terraform.io/xelon-ag/xelon"
  version     = "1.0.0"
  description = "Devices, networks, Kubernetes, DNS and object storage of Xelon HQ."

  setting "token" {
    sensitive   = true
    env         = ["XELON_TOKEN"]
    description = "Service token (My Account > Service Tokens). Without one, email and password are used to log in."
  }
  setting "client_id" {
    env         = ["XELON_CLIENT_ID"]
    description = "Client id, which tokens that are bound to addresses need."
  }
  setting "base_url" {
    env         = ["XELON_BASE_URL"]
    default     = "https://hq.xelon.ch/api/v2/"
    description = "Base address of the v2 API."
  }
  setting "email" {
    env         = ["XELON_EMAIL"]
    description = "E-mail address to log in with, if there is no token."
  }
  setting "password" {
    sensitive   = true
    env         = ["XELON_PASSWORD"]
    description = "Password to log in with, if there is no token."
  }
  setting "requests_per_minute" {
    type        = number
    env         = ["XELON_REQUESTS_PER_MINUTE"]
    default     = 60
    description = "Requests per minute to keep to. The service publishes no limit."
  }

  base_url = provider.base_url
  headers = {
    Authorization = try("Bearer ${coalesce(provider.token, auth.token)}", null)
    X-User-Id     = provider.client_id == "" ? null : provider.client_id
  }
  timeout = "60s"

  login {
    when  = provider.token == null && provider.email != null
    path  = join("", [replace(provider.base_url, "/\\/v2\\/?$/", ""), "/user/login"])
    body  = { email = provider.email, password = provider.password }
    token = body.token
    # The token is a JWT that tells when it expires.
    expires  = try(jsondecode(base64decode("${replace(replace(split(".", body.token)[1], "-", "+"), "_", "/")}${substr("===", 0, (4 - length(split(".", body.token)[1]) % 4) % 4)}")).exp, null)
    lifetime = "50m"
    margin   = "2m"
  }

  envelope {
    data = try(body.data, body)
  }

  errors {
    message = try(join("; ", flatten([for f, texts in body.errors : [for t in texts : "${f}: ${t}"]])), tostring(body.error), tostring(body.message), null)

    error "404" {
      gone = true
    }
    error "422" {
      when = can(body.errors.isLocked)
      hint = "The network is locked; unlock it in Xelon HQ."
    }
    error "422" {
      when = can(body.errors.email)
      hint = "Deleted users keep their e-mail address: restore the user in Xelon HQ and import it."
    }
  }

  paging "pages" {
    style      = "page"
    param      = "page"
    size_param = "perPage"
    size       = 100
    last_page  = try(body.meta.lastPage, null)
    total      = try(body.meta.total, null)
    more       = false
  }

  rate_limit {
    per_minute = provider.requests_per_minute
    key        = coalesce(provider.token, provider.email, "none")
  }
}

resource "xelon_ssh_key" {
  description = "A public SSH key."

  attribute "id" {
    type     = string
    computed = true
    from     = "identifier"
  }
  attribute "name" {
    type     = string
    required = true
  }
  attribute "public_key" {
    type      = string
    required  = true
    from      = "sshKey"
    normalize = trimspace(value)
  }
  create {
    request "create" {
      path   = "/ssh-keys"
      body   = { name = self.name, sshKey = self.public_key }
      object = response
    }
  }
  read {
    request "read" {
      path = "/ssh-keys/${self.id}"
    }
  }
  list {
    path       = "/ssh-keys"
    paging     = "pages"
    items      = try(body.data, response)
    item_key   = item.identifier
    key        = self.id
    partial    = true
    attributes = ["id", "name", "public_key"]
  }
  update "key" {
    attributes = ["name", "public_key"]
    request "update" {
      path       = "/ssh-keys/${self.id}"
      body       = { name = self.name, sshKey = self.public_key }
      idempotent = true
    }
  }
  delete {
    request "delete" {
      path = "/ssh-keys/${self.id}"
    }
  }
  import "<id>" {}
  recover {
    match   = item.name == self.name
    created = item.createdAt
  }
}

resource "xelon_network" {
  description = "A LAN or WAN network."

  attribute "id" {
    type     = string
    computed = true
    from     = "identifier"
  }
  attribute "type" {
    type      = string
    required  = true
    on_change = "replace"
    validate {
      condition = contains(["LAN", "WAN"], value)
      message   = "One of LAN, WAN is needed."
    }
  }
  attribute "name" {
    type     = string
    required = true
  }
  attribute "network_speed" {
    type        = number
    required    = true
    from        = "networkSpeedValue"
    description = "MBit/s: 1000 or 10000."
  }
  attribute "subnet_size" {
    type      = number
    required  = true
    on_change = "replace"
    from      = "networkSize"
  }
  attribute "cloud_id" {
    type      = string
    required  = true
    on_change = "replace"
    from      = "clouds.0.identifier"
    keep      = true
  }
  attribute "network" {
    type        = string
    optional    = true
    computed    = true
    description = "Required for a LAN; the service assigns a WAN's."
  }
  attribute "gateway" {
    type     = string
    optional = true
    computed = true
  }
  attribute "dns_primary" {
    type     = string
    optional = true
    computed = true
    from     = "dns1"
  }
  attribute "dns_secondary" {
    type     = string
    optional = true
    computed = true
    from     = "dns2"
  }
  attribute "tenant_id" {
    type      = string
    optional  = true
    computed  = true
    on_change = "replace"
    from      = "owner.identifier"
    keep      = true
  }
  validate {
    condition = config.type != "LAN" || (config.network != null && config.gateway != null && config.dns_primary != null)
    message   = "A LAN needs network, gateway and dns_primary."
  }
  create {
    request "lan" {
      when = self.type == "LAN"
      path = "/networks/lan"
      body = {
        cloudIdentifier   = self.cloud_id
        name              = self.name
        networkSpeedValue = self.network_speed
        networkSize       = self.subnet_size
        network           = self.network
        gateway           = self.gateway
        dns1              = self.dns_primary
        dns2              = self.dns_secondary
        tenantIdentifier  = self.tenant_id
      }
      object = response
    }
    request "wan" {
      when = self.type == "WAN"
      path = "/networks/wan"
      body = {
        cloudIdentifier   = self.cloud_id
        name              = self.name
        networkSpeedValue = self.network_speed
        networkSize       = self.subnet_size
        tenantIdentifier  = self.tenant_id
      }
      object = response
    }
  }
  read {
    request "read" {
      path = "/networks/${self.id}"
    }
  }
  list {
    path       = "/networks"
    paging     = "pages"
    items      = try(body.data, response)
    item_key   = item.identifier
    key        = self.id
    partial    = true
    attributes = ["id", "type", "name", "network_speed", "subnet_size", "network", "gateway", "dns_primary", "dns_secondary"]
  }
  update "lan" {
    attributes = ["name", "network_speed", "network", "gateway", "dns_primary", "dns_secondary"]
    request "lan" {
      when = self.type == "LAN"
      path = "/networks/${self.id}/lan"
      body = {
        name              = self.name
        networkSpeedValue = self.network_speed
        network           = self.network
        gateway           = self.gateway
        dns1              = self.dns_primary
        dns2              = self.dns_secondary
      }
      idempotent = true
    }
    request "wan" {
      when = self.type == "WAN"
      path = "/networks/${self.id}/wan"
      body = {
        name              = self.name
        networkSpeedValue = self.network_speed
        gateway           = self.gateway
        dns1              = self.dns_primary
        dns2              = self.dns_secondary
      }
      idempotent = true
    }
  }
  delete {
    request "delete" {
      path = "/networks/${self.id}"
    }
  }
  import "<id>" {}
  recover {
    match = item.name == self.name && item.type == self.type
  }
}

resource "xelon_device" {
  description = "A virtual machine."

  attribute "id" {
    type     = string
    computed = true
    from     = "identifier"
  }
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
    type     = number
    required = true
    from     = "cpu"
  }
  attribute "memory" {
    type        = number
    required    = true
    from        = "ram"
    description = "GB."
  }
  attribute "cpu_core_hotplug" {
    type     = bool
    optional = true
    computed = true
    from     = "cpuHotAddEnabled"
  }
  attribute "memory_hotplug" {
    type     = bool
    optional = true
    computed = true
    from     = "ramHotAddEnabled"
  }
  attribute "disk_size" {
    type        = number
    required    = true
    from        = "storages"
    decode      = try([for s in value : s.size if s.id == self.disk_id][0], [for s in value : s.size if s.unitNumber == min([for x in value : x.unitNumber]...)][0], null)
    keep        = true
    description = "GB; it can only grow, and growing deletes the device's snapshots."
  }
  attribute "disk_id" {
    type     = string
    computed = true
    from     = "storages"
    decode   = try([for s in value : s.id if s.unitNumber == min([for x in value : x.unitNumber]...)][0], null)
    keep     = true
  }
  attribute "swap_disk_size" {
    type        = number
    optional    = true
    from        = "storages"
    decode      = try([for s in value : s.size if s.unitNumber != min([for x in value : x.unitNumber]...)][0], null)
    keep        = true
    description = "GB; needed unless user_data is set."
  }
  attribute "swap_disk_id" {
    type     = string
    computed = true
    from     = "storages"
    decode   = try([for s in value : s.id if s.unitNumber != min([for x in value : x.unitNumber]...)][0], null)
    keep     = true
  }
  attribute "networks" {
    type      = set(object({ id = string, connected = optional(bool), ipv4_address = optional(string), ipv4_address_id = optional(string) }))
    required  = true
    on_change = "replace"
    from      = []
    normalize = sort([for n in value : n.id])
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
    type      = string
    optional  = true
    on_change = "replace"
    from      = []
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
    optional   = true
    computed   = true
    on_change  = "remember"
    from       = "monitoring"
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
    condition = (config.password == null) != (config.user_data == null)
    message   = "Set either password or user_data."
  }
  validate {
    condition = config.swap_disk_size != null || config.user_data != null
    message   = "swap_disk_size is needed unless user_data is set."
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
        scriptId             = self.script_id
        backJobId            = self.backup_job_id
        sendEmail            = self.send_email
      }
      object = response
    }
    wait "powered_on" {
      path         = "/devices/${self.id}"
      interval     = "5s"
      delay        = "3s"
      timeout      = "30m"
      usually      = "30s"
      tolerate     = ["5xx", "404"]
      tolerate_for = "10m"
      done         = response.isPoweredOn
      progress     = response.isPoweredOn ? "on" : "starting"
    }
    wait "ready" {
      path         = "/devices/${self.id}"
      interval     = "5s"
      delay        = "0s"
      timeout      = "30m"
      usually      = "30s"
      tolerate     = ["5xx", "404"]
      tolerate_for = "10m"
      object       = response
      done         = response.state == 1
      failed       = !contains([0, 1, 2, 3], response.state)
      reason       = "the state is ${response.state}"
      progress     = "state ${response.state}"
    }
  }
  read {
    request "device" {
      path   = "/devices/${self.id}"
      object = response
    }
    request "network" {
      path   = "/devices/${self.id}/network"
      result = { ipv4_addresses = sort(distinct(flatten([for n in response : [for ip in try(flatten([n.ip]), []) : ip if can(regex("^[0-9.]+$", ip))]]))) }
    }
  }
  list {
    path       = "/devices"
    paging     = "pages"
    items      = try(body.data, response)
    item_key   = item.identifier
    key        = self.id
    partial    = true
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
      when       = try(step.look.isPoweredOn, true)
      method     = "POST"
      path       = "/devices/${self.id}/stop"
      idempotent = true
      wait "off" {
        path     = "/devices/${self.id}"
        interval = "5s"
        delay    = "3s"
        timeout  = "10m"
        usually  = "10s"
        done     = !response.isPoweredOn
      }
    }
    request "hotplug" {
      method     = "POST"
      path       = "/devices/${self.id}/edit-hotplug"
      body       = { cpuHotAdd = self.cpu_core_hotplug == true, ramHotAdd = self.memory_hotplug == true }
      idempotent = true
    }
    request "start" {
      when       = try(step.look.isPoweredOn, true)
      method     = "POST"
      path       = "/devices/${self.id}/start"
      idempotent = true
      wait "on" {
        path         = "/devices/${self.id}"
        interval     = "5s"
        delay        = "3s"
        timeout      = "10m"
        usually      = "10s"
        tolerate     = ["5xx", "404"]
        tolerate_for = "10m"
        done         = response.isPoweredOn && response.state == 1
      }
    }
  }
  update "hardware" {
    attributes = ["cpu_core_count", "memory"]
    request "look" {
      method = "GET"
      path   = "/devices/${self.id}"
    }
    request "stop" {
      when       = try(step.look.isPoweredOn, true) && !(try(step.look.cpuHotAddEnabled, false) && try(step.look.ramHotAddEnabled, false))
      method     = "POST"
      path       = "/devices/${self.id}/stop"
      idempotent = true
      wait "off" {
        path     = "/devices/${self.id}"
        interval = "5s"
        delay    = "3s"
        timeout  = "10m"
        usually  = "10s"
        done     = !response.isPoweredOn
      }
    }
    request "hardware" {
      method = "PUT"
      path   = "/devices/${self.id}/hardware"
      body   = { cpu = self.cpu_core_count, ram = self.memory }
    }
    request "start" {
      when       = try(step.look.isPoweredOn, true) && !(try(step.look.cpuHotAddEnabled, false) && try(step.look.ramHotAddEnabled, false))
      method     = "POST"
      path       = "/devices/${self.id}/start"
      idempotent = true
      wait "on" {
        path         = "/devices/${self.id}"
        interval     = "5s"
        delay        = "3s"
        timeout      = "10m"
        usually      = "10s"
        tolerate     = ["5xx", "404"]
        tolerate_for = "10m"
        done         = response.isPoweredOn
      }
    }
    wait "ready" {
      path         = "/devices/${self.id}"
      interval     = "5s"
      delay        = "0s"
      timeout      = "30m"
      usually      = "30s"
      tolerate     = ["5xx", "404"]
      tolerate_for = "10m"
      done         = response.state == 1
      failed       = !contains([0, 1, 2, 3], response.state)
      reason       = "the state is ${response.state}"
      progress     = "state ${response.state}"
    }
  }
  update "disks" {
    attributes = ["disk_size", "swap_disk_size"]
    request "snapshots" {
      method = "GET"
      path   = "/devices/${self.id}/snapshots"
      paging = "pages"
      items  = try(body.data, response)
    }
    request "delete_snapshot" {
      for_each = [for s in step.snapshots : s.identifier]
      method   = "DELETE"
      path     = "/devices/${self.id}/snapshots/${each.value}"
      body     = { removeChildren = true }
      accept   = ["404"]
    }
    wait "no_snapshots" {
      path     = "/devices/${self.id}/snapshots"
      interval = "5s"
      delay    = "0s"
      timeout  = "30m"
      usually  = "30s"
      done     = length(try(body.data, response)) == 0
    }
    request "grow" {
      when   = self.disk_size != prior.disk_size
      method = "PUT"
      path   = "/devices/${self.id}/disk"
      body   = { diskId = self.disk_id, size = self.disk_size, extendPartition = true, createSnapshot = true }
      wait "grown" {
        path         = "/devices/${self.id}"
        interval     = "5s"
        delay        = "3s"
        timeout      = "30m"
        usually      = "30s"
        tolerate     = ["5xx", "404"]
        tolerate_for = "10m"
        done         = response.state == 1
        failed       = !contains([0, 1, 2, 3], response.state)
        reason       = "the state is ${response.state}"
        progress     = "state ${response.state}"
      }
    }
    request "grow_swap" {
      when   = self.swap_disk_size != prior.swap_disk_size && self.swap_disk_id != null
      method = "PUT"
      path   = "/devices/${self.id}/disk"
      body   = { diskId = self.swap_disk_id, size = self.swap_disk_size, extendPartition = true, createSnapshot = true }
      wait "grown_swap" {
        path         = "/devices/${self.id}"
        interval     = "5s"
        delay        = "3s"
        timeout      = "30m"
        usually      = "30s"
        tolerate     = ["5xx", "404"]
        tolerate_for = "10m"
        done         = response.state == 1
        failed       = !contains([0, 1, 2, 3], response.state)
        reason       = "the state is ${response.state}"
        progress     = "state ${response.state}"
      }
    }
  }
  delete {
    request "look" {
      method = "GET"
      path   = "/devices/${self.id}"
    }
    request "stop" {
      when       = try(step.look.isPoweredOn, true)
      method     = "POST"
      path       = "/devices/${self.id}/stop"
      idempotent = true
      wait "off" {
        path     = "/devices/${self.id}"
        interval = "5s"
        delay    = "3s"
        timeout  = "10m"
        usually  = "10s"
        done     = !response.isPoweredOn
      }
    }
    request "delete" {
      path = "/devices/${self.id}"
    }
  }
  import "<id>" {}
  recover {
    match   = try(item.displayName, null) == self.display_name && try(item.hostName, self.hostname) == self.hostname
    confirm = response.cpu_core_count == self.cpu_core_count
  }
}

resource "xelon_device_backup" {
  description = "Assigns a backup plan to a device."

  attribute "device_id" {
    type      = string
    required  = true
    on_change = "replace"
    from      = []
  }
  attribute "backup_plan_id" {
    type     = number
    required = true
    from     = []
    validate {
      condition = value >= 1
      message   = "The plan's id is a number from 1."
    }
  }
  identity = ["device_id"]
  create {
    request "assign" {
      method = "PUT"
      path   = "/devices/${self.device_id}/backups/tags"
      body   = { backupId = self.backup_plan_id }
    }
  }
  gone_when = length(try(body.data, [1])) == 0
  read {
    request "plans" {
      path   = "/devices/${self.device_id}/backups/tags"
      result = { backup_plan_id = response[0].id }
    }
  }
  update "plan" {
    attributes = ["backup_plan_id"]
    request "assign" {
      method = "PUT"
      path   = "/devices/${self.device_id}/backups/tags"
      body   = { backupId = self.backup_plan_id }
    }
  }
  delete {
    request "delete" {
      path = "/devices/${self.device_id}/backups/tags"
    }
  }
  import "<device_id>" {}
}

resource "xelon_dns_zone" {
  description = "A DNS zone."

  attribute "id" {
    type     = string
    computed = true
    from     = "identifier"
  }
  attribute "name" {
    type      = string
    required  = true
    on_change = "replace"
  }
  create {
    request "create" {
      path   = "/dns"
      body   = { domain = self.name }
      object = response
    }
  }
  read {
    request "read" {
      path = "/dns/${self.id}"
    }
  }
  list {
    path       = "/dns"
    paging     = "pages"
    items      = try(body.data, response)
    item_key   = item.identifier
    key        = self.id
    partial    = true
    attributes = ["id", "name"]
  }
  delete {
    request "delete" {
      path = "/dns/${self.id}"
    }
  }
  import "<id>" {}
  recover {
    match   = item.name == self.name
    created = item.createdAt
  }
}

resource "xelon_dns_record" {
  description = "A DNS record."

  attribute "id" {
    type     = string
    computed = true
    value    = "${self.zone_id}/${self.record_id}"
  }
  attribute "record_id" {
    type     = number
    computed = true
    from     = "id"
  }
  attribute "zone_id" {
    type      = string
    required  = true
    on_change = "replace"
    from      = []
  }
  attribute "name" {
    type        = string
    required    = true
    from        = "host"
    description = "Relative to the zone; @ for the zone itself."
  }
  attribute "type" {
    type     = string
    required = true
    validate {
      condition = contains(["A", "AAAA", "ALIAS", "CNAME", "MX", "NS", "PTR", "TXT"], value)
      message   = "One of A, AAAA, ALIAS, CNAME, MX, NS, PTR, TXT is needed."
    }
  }
  attribute "content" {
    type     = string
    required = true
    from     = "record"
  }
  attribute "ttl" {
    type     = number
    required = true
  }
  attribute "priority" {
    type        = number
    optional    = true
    from        = []
    description = "Of MX records."
  }
  identity = ["record_id"]
  create {
    request "before" {
      method = "GET"
      path   = "/dns/${self.zone_id}/records"
    }
    request "create" {
      path = "/dns/${self.zone_id}/records"
      body = { host = self.name, type = self.type, record = self.content, ttl = self.ttl, priority = self.priority }
    }
    wait "listed" {
      path         = "/dns/${self.zone_id}/records"
      interval     = "5s"
      delay        = "0s"
      timeout      = "2m"
      usually      = "30s"
      tolerate     = ["5xx", "404"]
      tolerate_for = "10m"
      done         = length([for r in response : r if r.host == self.name && r.type == self.type && r.record == self.content && !contains([for b in try(step.before, []) : b.id], r.id)]) > 0
      result = {
        record_id = [for r in response : r.id if r.host == self.name && r.type == self.type && r.record == self.content && !contains([for b in try(step.before, []) : b.id], r.id)][0]
      }
    }
  }
  list {
    path       = "/dns/${self.zone_id}/records"
    items      = response
    item_key   = tostring(item.id)
    key        = tostring(self.record_id)
    partial    = true
    attributes = ["record_id", "name", "type", "content", "ttl"]
  }
  update "record" {
    attributes = ["name", "type", "content", "ttl", "priority"]
    request "update" {
      method = "PUT"
      path   = "/dns/${self.zone_id}/records/${self.record_id}"
      body   = { host = self.name, type = self.type, record = self.content, ttl = self.ttl, priority = self.priority }
    }
  }
  delete {
    request "delete" {
      path = "/dns/${self.zone_id}/records/${self.record_id}"
    }
  }
  import "<zone_id>/<record_id>" {}
  recover {
    match = item.host == self.name && item.type == self.type && item.record == self.content
  }
}

resource "xelon_dns_soa" {
  description = "The SOA record of a zone, which exists as long as the zone does."

  attribute "id" {
    type     = string
    computed = true
    value    = self.zone_id
  }
  attribute "zone_id" {
    type      = string
    required  = true
    on_change = "replace"
    from      = []
  }
  attribute "primary_nameserver" {
    type     = string
    required = true
    from     = "primaryNs"
  }
  attribute "admin_email" {
    type     = string
    required = true
    from     = "adminMail"
  }
  attribute "refresh" {
    type     = number
    required = true
  }
  attribute "retry" {
    type     = number
    required = true
  }
  attribute "expire" {
    type     = number
    required = true
  }
  attribute "ttl" {
    type     = number
    required = true
  }
  identity = ["zone_id"]
  create {
    request "set" {
      method = "PUT"
      path   = "/dns/${self.zone_id}/soa"
      body   = { primaryNs = self.primary_nameserver, adminMail = self.admin_email, refresh = self.refresh, retry = self.retry, expire = self.expire, ttl = self.ttl }
    }
  }
  read {
    request "read" {
      path = "/dns/${self.zone_id}/soa"
    }
  }
  update "soa" {
    attributes = ["primary_nameserver", "admin_email", "refresh", "retry", "expire", "ttl"]
    request "set" {
      method = "PUT"
      path   = "/dns/${self.zone_id}/soa"
      body   = { primaryNs = self.primary_nameserver, adminMail = self.admin_email, refresh = self.refresh, retry = self.retry, expire = self.expire, ttl = self.ttl }
    }
  }
  delete {
    forget = "A zone always has its SOA record: it stays as it is. Loam only forgets it."
  }
  import "<zone_id>" {}
}

resource "xelon_firewall" {
  description = "A firewall between an internal and an external network."

  attribute "id" {
    type     = string
    computed = true
    from     = "identifier"
  }
  attribute "name" {
    type     = string
    required = true
  }
  attribute "cloud_id" {
    type      = string
    required  = true
    on_change = "replace"
    from      = "cloud.identifier"
    keep      = true
  }
  attribute "internal_network_id" {
    type      = string
    required  = true
    on_change = "replace"
    from      = []
  }
  attribute "tenant_id" {
    type      = string
    required  = true
    on_change = "replace"
    from      = "tenant.identifier"
    keep      = true
  }
  attribute "external_network_id" {
    type      = string
    optional  = true
    on_change = "replace"
    from      = []
  }
  attribute "external_ipv4_address_id" {
    type      = string
    optional  = true
    on_change = "replace"
    from      = []
  }
  attribute "external_ipv4_address" {
    type     = string
    computed = true
    from     = "externalIp"
  }
  attribute "internal_ipv4_address" {
    type      = string
    optional  = true
    computed  = true
    on_change = "replace"
    from      = "internalIp"
  }
  attribute "health" {
    type     = string
    computed = true
    volatile = true
  }
  attribute "state" {
    type     = number
    computed = true
    volatile = true
  }
  validate {
    condition = config.external_network_id == null || config.external_ipv4_address_id == null
    message   = "Set external_network_id or external_ipv4_address_id, not both."
  }
  timeouts {
    create = "30m"
  }
  create {
    request "create" {
      path = "/firewalls"
      body = {
        cloudIdentifier           = self.cloud_id
        name                      = self.name
        tenantIdentifier          = self.tenant_id
        externalIpIdentifier      = self.external_ipv4_address_id
        externalNetworkIdentifier = self.external_network_id
        internalIp                = self.internal_ipv4_address
        internalNetworkIdentifier = self.internal_network_id
      }
      object = response
    }
    wait "ready" {
      path         = "/firewalls/${self.id}"
      interval     = "5s"
      delay        = "3s"
      timeout      = "30m"
      usually      = "30s"
      tolerate     = ["5xx", "404"]
      tolerate_for = "10m"
      list_pending = contains([0, 2], try(item.state, 1))
      object       = response
      done         = response.state == 1
      failed       = !contains([0, 1, 2, 3], response.state)
      reason       = "the state is ${response.state}"
      progress     = "state ${response.state}"
    }
  }
  read {
    request "read" {
      path = "/firewalls/${self.id}"
    }
  }
  list {
    path       = "/firewalls"
    paging     = "pages"
    items      = try(body.data, response)
    item_key   = item.identifier
    key        = self.id
    partial    = true
    attributes = ["id", "name", "cloud_id", "tenant_id", "external_ipv4_address", "internal_ipv4_address", "health", "state"]
  }
  update "name" {
    attributes = ["name"]
    request "rename" {
      method = "PUT"
      path   = "/firewalls/${self.id}"
      body   = { name = self.name }
    }
  }
  delete {
    request "delete" {
      path = "/firewalls/${self.id}"
    }
  }
  import "<id>" {}
  recover {
    match   = item.name == self.name
    created = item.createdAt
  }
}

resource "xelon_load_balancer" {
  description = "A load balancer."

  attribute "id" {
    type     = string
    computed = true
    from     = "identifier"
  }
  attribute "name" {
    type     = string
    required = true
  }
  attribute "cloud_id" {
    type      = string
    required  = true
    on_change = "replace"
    from      = "cloud.identifier"
    keep      = true
  }
  attribute "network_id" {
    type      = string
    required  = true
    on_change = "replace"
    from      = ["internalNetworkIdentifier"]
    keep      = true
  }
  attribute "type" {
    type      = string
    required  = true
    on_change = "replace"
    keep      = true
    validate {
      condition = contains(["layer4", "layer7"], value)
      message   = "One of layer4, layer7 is needed."
    }
  }
  attribute "device_ids" {
    type     = set(string)
    optional = true
    computed = true
    from     = "assignedDevices"
    decode   = [for d in value : d.identifier]
  }
  attribute "tenant_id" {
    type      = string
    required  = true
    on_change = "replace"
    from      = "tenant.identifier"
    keep      = true
  }
  attribute "external_network_id" {
    type      = string
    optional  = true
    on_change = "replace"
    from      = []
  }
  attribute "external_ipv4_address_id" {
    type      = string
    optional  = true
    on_change = "replace"
    from      = []
  }
  attribute "external_ipv4_address" {
    type     = string
    computed = true
    from     = "externalIp"
  }
  attribute "internal_ipv4_address" {
    type      = string
    optional  = true
    computed  = true
    on_change = "replace"
    from      = "internalIp"
  }
  attribute "health" {
    type     = string
    computed = true
    volatile = true
  }
  attribute "state" {
    type     = number
    computed = true
    volatile = true
  }
  validate {
    condition = config.external_network_id == null || config.external_ipv4_address_id == null
    message   = "Set external_network_id or external_ipv4_address_id, not both."
  }
  timeouts {
    create = "30m"
  }
  create {
    request "create" {
      path = "/load-balancers"
      body = {
        cloudIdentifier            = self.cloud_id
        name                       = self.name
        tenantIdentifier           = self.tenant_id
        externalIpIdentifier       = self.external_ipv4_address_id
        externalNetworkIdentifier  = self.external_network_id
        internalIp                 = self.internal_ipv4_address
        internalNetworkIdentifier  = self.network_id
        loadBalancingType          = self.type
        assignedDevicesIdentifiers = self.device_ids
      }
      object = response
    }
    wait "ready" {
      path         = "/load-balancers/${self.id}"
      interval     = "5s"
      delay        = "3s"
      timeout      = "30m"
      usually      = "30s"
      tolerate     = ["5xx", "404"]
      tolerate_for = "10m"
      list_pending = contains([0, 2], try(item.state, 1))
      object       = response
      done         = response.state == 1
      failed       = !contains([0, 1, 2, 3], response.state)
      reason       = "the state is ${response.state}"
      progress     = "state ${response.state}"
    }
  }
  read {
    request "read" {
      path = "/load-balancers/${self.id}"
    }
  }
  list {
    path       = "/load-balancers"
    paging     = "pages"
    items      = try(body.data, response)
    item_key   = item.identifier
    key        = self.id
    partial    = true
    attributes = ["id", "name", "cloud_id", "tenant_id", "external_ipv4_address", "internal_ipv4_address", "health", "state"]
  }
  update "name" {
    attributes = ["name"]
    request "rename" {
      method = "PUT"
      path   = "/load-balancers/${self.id}"
      body   = { name = self.name }
    }
  }
  update "devices" {
    attributes = ["device_ids"]
    request "assign" {
      method = "PUT"
      path   = "/load-balancers/${self.id}/assigned-devices"
      body   = { deviceIdentifiers = self.device_ids }
    }
  }
  delete {
    request "delete" {
      path = "/load-balancers/${self.id}"
    }
  }
  import "<id>" {}
  recover {
    match   = item.name == self.name
    created = item.createdAt
  }
}

resource "xelon_firewall_forwarding_rule" {
  description = "A rule of a firewall. It allows; there is no order."

  attribute "id" {
    type     = string
    computed = true
    from     = "identifier"
  }
  attribute "firewall_id" {
    type      = string
    required  = true
    on_change = "replace"
    from      = []
  }
  attribute "type" {
    type     = string
    required = true
    validate {
      condition = contains(["inbound", "outbound"], value)
      message   = "One of inbound, outbound is needed."
    }
  }
  attribute "protocol" {
    type     = string
    required = true
    validate {
      condition = contains(["icmp", "tcp", "udp"], value)
      message   = "One of icmp, tcp, udp is needed."
    }
  }
  attribute "from_port" {
    type     = number
    required = true
    from     = "externalPort"
    decode   = coalesce(try(response.type, "") == "inbound" ? try(response.externalPort, 0) : try(response.port, 0), 0)
  }
  attribute "to_port" {
    type     = number
    required = true
    from     = "port"
    decode   = coalesce(try(response.type, "") == "inbound" ? try(response.port, 0) : try(response.externalPort, 0), 0)
  }
  attribute "source_ipv4_addresses" {
    type     = set(string)
    required = true
    from     = "sourceIp"
  }
  attribute "destination_ipv4_addresses" {
    type     = set(string)
    required = true
    from     = "destinationIp"
  }
  validate {
    condition = config.type != "inbound" || length(config.destination_ipv4_addresses) == 1
    message   = "An inbound rule takes one destination."
  }
  validate {
    condition = config.type != "outbound" || length(config.source_ipv4_addresses) == 1
    message   = "An outbound rule takes one source."
  }
  create {
    request "create_inbound" {
      when   = self.type == "inbound"
      method = "POST"
      path   = "/firewalls/${self.firewall_id}/rules"
      body = {
        type          = self.type
        protocol      = self.protocol
        port          = self.type == "inbound" ? self.to_port : self.from_port
        externalPort  = self.type == "inbound" ? self.from_port : self.to_port
        sourceIp      = self.source_ipv4_addresses
        destinationIp = one(self.destination_ipv4_addresses)
      }
      idempotent = false
      result     = { id = response.identifier }
    }
    request "create_outbound" {
      when   = self.type == "outbound"
      method = "POST"
      path   = "/firewalls/${self.firewall_id}/rules"
      body = {
        type          = self.type
        protocol      = self.protocol
        port          = self.type == "inbound" ? self.to_port : self.from_port
        externalPort  = self.type == "inbound" ? self.from_port : self.to_port
        sourceIp      = one(self.source_ipv4_addresses)
        destinationIp = self.destination_ipv4_addresses
      }
      idempotent = false
      result     = { id = response.identifier }
    }
  }
  list {
    path       = "/firewalls/${self.firewall_id}"
    items      = response.forwardingRules
    item_key   = item.identifier
    key        = self.id
    partial    = true
    attributes = ["id", "type", "protocol", "from_port", "to_port", "source_ipv4_addresses", "destination_ipv4_addresses"]
  }
  update "rule" {
    attributes = ["type", "protocol", "from_port", "to_port", "source_ipv4_addresses", "destination_ipv4_addresses"]
    request "update_inbound" {
      when   = self.type == "inbound"
      method = "PUT"
      path   = "/firewalls/${self.firewall_id}/rules/${self.id}"
      body = {
        type          = self.type
        protocol      = self.protocol
        port          = self.type == "inbound" ? self.to_port : self.from_port
        externalPort  = self.type == "inbound" ? self.from_port : self.to_port
        sourceIp      = self.source_ipv4_addresses
        destinationIp = one(self.destination_ipv4_addresses)
      }
      idempotent = true
      result     = { id = response.identifier }
    }
    request "update_outbound" {
      when   = self.type == "outbound"
      method = "PUT"
      path   = "/firewalls/${self.firewall_id}/rules/${self.id}"
      body = {
        type          = self.type
        protocol      = self.protocol
        port          = self.type == "inbound" ? self.to_port : self.from_port
        externalPort  = self.type == "inbound" ? self.from_port : self.to_port
        sourceIp      = one(self.source_ipv4_addresses)
        destinationIp = self.destination_ipv4_addresses
      }
      idempotent = true
      result     = { id = response.identifier }
    }
  }
  delete {
    request "delete" {
      path = "/firewalls/${self.firewall_id}/rules/${self.id}"
    }
  }
  import "<firewall_id>/<id>" {}
  recover {
    match = item.type == self.type && item.protocol == self.protocol && try(item.port, 0) == (self.type == "inbound" ? self.to_port : self.from_port) && try(item.externalPort, 0) == (self.type == "inbound" ? self.from_port : self.to_port)
  }
}

resource "xelon_load_balancer_forwarding_rule" {
  description = "A rule of a load balancer."

  attribute "id" {
    type     = string
    computed = true
    from     = "identifier"
  }
  attribute "load_balancer_id" {
    type      = string
    required  = true
    on_change = "replace"
    from      = []
  }
  attribute "ipv4_addresses" {
    type     = set(string)
    required = true
    from     = "ip"
  }
  attribute "from_port" {
    type     = number
    required = true
    from     = "ports.0"
  }
  attribute "to_port" {
    type     = number
    required = true
    from     = "ports.1"
  }
  create {
    request "create" {
      path   = "/load-balancers/${self.load_balancer_id}/rules"
      body   = { ip = self.ipv4_addresses, ports = [self.from_port, self.to_port] }
      object = response
    }
  }
  list {
    path       = "/load-balancers/${self.load_balancer_id}"
    items      = response.forwardingRules
    item_key   = item.identifier
    key        = self.id
    partial    = true
    attributes = ["id", "ipv4_addresses", "from_port", "to_port"]
  }
  update "rule" {
    attributes = ["ipv4_addresses", "from_port", "to_port"]
    request "update" {
      method = "PUT"
      path   = "/load-balancers/${self.load_balancer_id}/rules/${self.id}"
      body   = { ip = self.ipv4_addresses, ports = [self.from_port, self.to_port] }
    }
  }
  delete {
    request "delete" {
      path = "/load-balancers/${self.load_balancer_id}/rules/${self.id}"
    }
  }
  import "<load_balancer_id>/<id>" {}
  recover {
    match = item.ports[0] == self.from_port && item.ports[1] == self.to_port
  }
}

resource "xelon_persistent_storage" {
  description = "A persistent volume."

  attribute "id" {
    type     = string
    computed = true
    from     = "identifier"
  }
  attribute "name" {
    type      = string
    required  = true
    on_change = "replace"
  }
  attribute "size" {
    type        = number
    required    = true
    from        = "capacity"
    description = "GB; it can only grow."
  }
  attribute "device_id" {
    type        = string
    optional    = true
    default     = ""
    from        = "attachedDevices"
    decode      = try(value[0].identifier, "")
    description = "The device that it is attached to."
  }
  attribute "cloud_id" {
    type      = string
    optional  = true
    computed  = true
    on_change = "replace"
    from      = "cloud.identifier"
    keep      = true
  }
  attribute "tenant_id" {
    type      = string
    optional  = true
    computed  = true
    on_change = "replace"
    from      = "tenant.identifier"
    keep      = true
  }
  attribute "uuid" {
    type     = string
    computed = true
  }
  attribute "formatted" {
    type     = bool
    computed = true
    volatile = true
  }
  timeouts {
    create = "30m"
    update = "30m"
  }
  create {
    request "create" {
      path = "/persistent-storages"
      body = {
        name             = self.name
        storageSize      = self.size
        type             = 2
        cloudIdentifier  = self.cloud_id
        deviceIdentifier = self.device_id == "" ? null : self.device_id
        tenantIdentifier = self.tenant_id
      }
      object = response
    }
    wait "formatted" {
      path         = "/persistent-storages/${self.id}"
      interval     = "5s"
      delay        = "3s"
      timeout      = "30m"
      usually      = "30s"
      tolerate     = ["5xx", "404"]
      tolerate_for = "10m"
      object       = response
      done         = tobool(response.formatted) && try(coalesce(response.uuid), "") != ""
    }
  }
  read {
    request "read" {
      path = "/persistent-storages/${self.id}"
    }
  }
  list {
    path       = "/persistent-storages"
    paging     = "pages"
    items      = try(body.data, response)
    item_key   = item.identifier
    key        = self.id
    partial    = true
    attributes = ["id", "name", "size", "device_id", "cloud_id", "tenant_id", "uuid", "formatted"]
  }
  update "size" {
    attributes = ["size"]
    request "extend" {
      method     = "POST"
      path       = "/persistent-storages/${self.id}/extend"
      body       = { diskSize = self.size }
      idempotent = true
      wait "formatted" {
        path         = "/persistent-storages/${self.id}"
        interval     = "5s"
        delay        = "3s"
        timeout      = "30m"
        usually      = "30s"
        tolerate     = ["5xx", "404"]
        tolerate_for = "10m"
        done         = tobool(response.formatted)
      }
    }
  }
  update "device" {
    attributes = ["device_id"]
    request "detach" {
      when   = prior.device_id != null && prior.device_id != ""
      method = "POST"
      path   = "/persistent-storages/${self.id}/detach-device"
      body   = { deviceIdentifier = prior.device_id }
    }
    request "attach" {
      when   = self.device_id != ""
      method = "POST"
      path   = "/persistent-storages/${self.id}/attach-device"
      body   = { deviceIdentifier = self.device_id }
    }
  }
  delete {
    request "delete" {
      path = "/persistent-storages/${self.id}"
    }
  }
  import "<id>" {}
  recover {
    match = item.name == self.name
  }
}

resource "xelon_object_storage_user" {
  description = "A user of object storage."

  attribute "id" {
    type     = string
    computed = true
    from     = "identifier"
  }
  attribute "name" {
    type     = string
    required = true
  }
  attribute "region" {
    type        = string
    required    = true
    on_change   = "replace"
    from        = []
    description = "The region's id, such as zh1; the API does not tell it again."
  }
  attribute "storage_limit" {
    type     = number
    required = true
    from     = "quota"
    validate {
      condition = contains([100, 250, 500, 1000, 2000, 5000, 10000, 15000, 20000, 30000, 40000, 50000], value)
      message   = "The limit is one of 100, 250, 500, 1000, 2000, 5000, 10000, 15000, 20000, 30000, 40000 and 50000 GB."
    }
  }
  attribute "tenant_id" {
    type      = string
    optional  = true
    computed  = true
    on_change = "replace"
    from      = "tenant.identifier"
    keep      = true
  }
  attribute "region_replication_enabled" {
    type     = bool
    computed = true
    from     = "isReplicated"
  }
  attribute "s3_endpoints" {
    type     = set(string)
    computed = true
    from     = "s3endpoints"
  }
  create {
    request "create" {
      path   = "/object-storages/users"
      body   = { name = self.name, quota = self.storage_limit, zoneGroup = self.region, tenantId = self.tenant_id }
      object = response
    }
  }
  read {
    request "read" {
      path = "/object-storages/users/${self.id}"
    }
  }
  list {
    path       = "/object-storages/users"
    paging     = "pages"
    items      = try(body.data, response)
    item_key   = item.identifier
    key        = self.id
    partial    = true
    attributes = ["id", "name", "storage_limit", "tenant_id", "region_replication_enabled", "s3_endpoints"]
  }
  update "user" {
    attributes = ["name", "storage_limit"]
    request "update" {
      method = "PUT"
      path   = "/object-storages/users/${self.id}"
      body   = { name = self.name, quota = self.storage_limit }
    }
  }
  delete {
    request "delete" {
      path = "/object-storages/users/${self.id}"
    }
  }
  import "<region>/<id>" {}
  recover {
    match   = item.name == self.name
    created = item.createdAt
  }
}

resource "xelon_object_storage_access_key" {
  description = "An access key of an object storage user."

  attribute "id" {
    type     = string
    computed = true
    from     = "identifier"
  }
  attribute "user_id" {
    type      = string
    required  = true
    on_change = "replace"
    from      = []
  }
  attribute "access_key_id" {
    type     = string
    computed = true
    from     = "accessKey"
  }
  attribute "secret_access_key" {
    type        = string
    computed    = true
    sensitive   = true
    from        = "secretKey"
    keep        = true
    description = "Told at creation only."
  }
  attribute "created_at" {
    type     = string
    computed = true
    from     = "createdAt"
  }
  create {
    request "create" {
      path   = "/object-storages/users/${self.user_id}/tokens"
      object = response
    }
  }
  list {
    path       = "/object-storages/users/${self.user_id}"
    items      = response.tokens
    item_key   = item.identifier
    key        = self.id
    partial    = true
    attributes = ["id", "access_key_id", "created_at"]
  }
  delete {
    request "delete" {
      path = "/object-storages/users/${self.user_id}/tokens/${self.id}"
    }
  }
  import "<user_id>/<id>" {}
  recover {
    match   = true
    created = item.createdAt
  }
}

resource "xelon_object_storage_bucket" {
  description = "A bucket."

  attribute "id" {
    type     = string
    computed = true
    from     = "identifier"
  }
  attribute "name" {
    type      = string
    required  = true
    on_change = "replace"
  }
  attribute "user_id" {
    type      = string
    required  = true
    on_change = "replace"
    from      = []
  }
  attribute "versioning_enabled" {
    type     = bool
    optional = true
    default  = false
    from     = "isVersioning"
  }
  attribute "object_lock_enabled" {
    type      = bool
    optional  = true
    default   = false
    on_change = "replace"
    from      = "isObjectLock"
  }
  attribute "object_lock_retention_days" {
    type      = number
    optional  = true
    on_change = "replace"
    from      = "retentionPeriodDays"
    decode    = value == 0 ? null : value
  }
  attribute "region_replication_enabled" {
    type     = bool
    computed = true
    from     = ["isReplicated", "isReplication"]
    keep     = true
  }
  attribute "s3_endpoints" {
    type     = set(string)
    computed = true
    from     = ["s3endpoints", "s3Endpoints"]
    keep     = true
  }
  attribute "tenant_id" {
    type     = string
    computed = true
    from     = ["tenant.identifier", "tenantIdentifier"]
    keep     = true
  }
  attribute "created_at" {
    type     = string
    computed = true
    from     = "createdAt"
  }
  validate {
    condition = config.object_lock_enabled != true || (config.versioning_enabled == true && config.object_lock_retention_days != null)
    message   = "Object lock needs versioning and object_lock_retention_days."
  }
  create {
    request "create" {
      path = "/object-storages/buckets"
      body = {
        name                = self.name
        s3UserIdentifier    = self.user_id
        isObjectLock        = self.object_lock_enabled
        isVersioning        = self.versioning_enabled
        retentionPeriodDays = self.object_lock_retention_days
      }
      object = response
    }
  }
  read {
    request "read" {
      path = "/object-storages/buckets/${self.name}/${self.user_id}"
    }
  }
  list {
    path       = "/object-storages/buckets"
    paging     = "pages"
    items      = try(body.data, response)
    item_key   = item.identifier
    key        = self.id
    partial    = true
    attributes = ["id", "name", "versioning_enabled", "object_lock_enabled", "object_lock_retention_days", "created_at"]
  }
  update "versioning" {
    attributes = ["versioning_enabled"]
    request "versioning" {
      method = "PUT"
      path   = "/object-storages/buckets/${self.name}/${self.user_id}/versioning"
      body   = { isVersioning = self.versioning_enabled }
      wait "versioning" {
        path     = "/object-storages/buckets/${self.name}/${self.user_id}"
        interval = "5s"
        delay    = "0s"
        timeout  = "10m"
        usually  = "30s"
        done     = response.isVersioning == self.versioning_enabled
      }
    }
  }
  delete {
    request "delete" {
      path = "/object-storages/buckets/${self.name}/${self.user_id}"
    }
  }
  import "<user_id>/<name>" {}
  recover {
    match   = item.name == self.name
    created = item.createdAt
  }
}

resource "xelon_template" {
  description = "A template made from a device."

  attribute "id" {
    type     = string
    computed = true
    from     = "identifier"
  }
  attribute "name" {
    type     = string
    required = true
  }
  attribute "description" {
    type     = string
    optional = true
    computed = true
  }
  attribute "device_id" {
    type      = string
    required  = true
    on_change = "replace"
    from      = []
  }
  attribute "tenant_id" {
    type      = string
    required  = true
    on_change = "replace"
    from      = []
  }
  attribute "category" {
    type     = string
    computed = true
  }
  attribute "cloud_id" {
    type     = string
    computed = true
    from     = "cloudIdentifier"
  }
  attribute "type" {
    type     = string
    computed = true
  }
  attribute "status" {
    type     = number
    computed = true
    volatile = true
  }
  timeouts {
    create = "60m"
  }
  create {
    request "create" {
      path   = "/templates/create-from-device"
      body   = { deviceId = self.device_id, name = self.name, tenantId = self.tenant_id, sendEmail = false, description = self.description }
      object = response
    }
    wait "ready" {
      path         = "/templates/${self.id}"
      interval     = "5s"
      delay        = "3s"
      timeout      = "60m"
      usually      = "30s"
      tolerate     = ["5xx", "404"]
      tolerate_for = "10m"
      object       = response
      done         = response.status == 1
      failed       = !contains([0, 1], response.status)
      reason       = "the status is ${response.status}"
    }
  }
  read {
    request "read" {
      path = "/templates/${self.id}"
    }
  }
  list {
    path       = "/templates"
    paging     = "pages"
    items      = try(body.data, response)
    item_key   = item.identifier
    key        = self.id
    partial    = true
    attributes = ["id", "name", "description", "category", "cloud_id", "type", "status"]
  }
  update "names" {
    attributes = ["name", "description"]
    request "update" {
      path       = "/templates/${self.id}"
      body       = { name = self.name, description = self.description }
      idempotent = true
    }
  }
  delete {
    request "delete" {
      path = "/templates/${self.id}"
    }
  }
  import "<id>" {}
  recover {
    match   = item.name == self.name
    created = item.createdAt
  }
}

resource "xelon_iso" {
  description = "An ISO image, fetched from an address."

  attribute "id" {
    type     = string
    computed = true
    from     = "identifier"
  }
  attribute "name" {
    type     = string
    required = true
  }
  attribute "category_id" {
    type     = number
    required = true
    from     = []
  }
  attribute "description" {
    type     = string
    optional = true
    computed = true
  }
  attribute "cloud_id" {
    type      = string
    required  = true
    on_change = "replace"
    from      = "cloud.identifier"
    keep      = true
  }
  attribute "url" {
    type      = string
    required  = true
    on_change = "replace"
    from      = []
  }
  attribute "tenant_id" {
    type      = string
    optional  = true
    on_change = "replace"
    from      = []
  }
  attribute "active" {
    type     = bool
    computed = true
  }
  timeouts {
    create = "60m"
  }
  create {
    request "create" {
      path = "/isos"
      body = {
        name             = self.name
        url              = self.url
        cloudIdentifier  = self.cloud_id
        categoryId       = self.category_id
        description      = self.description
        tenantIdentifier = self.tenant_id
      }
      object = response
    }
    wait "ready" {
      path         = "/isos/${self.id}"
      interval     = "5s"
      delay        = "3s"
      timeout      = "60m"
      usually      = "30s"
      tolerate     = ["5xx", "404"]
      tolerate_for = "10m"
      object       = response
      done         = response.status == true
    }
  }
  read {
    request "read" {
      path = "/isos/${self.id}"
    }
  }
  list {
    path       = "/isos"
    paging     = "pages"
    items      = try(body.data, response)
    item_key   = item.identifier
    key        = self.id
    partial    = true
    attributes = ["id", "name", "description", "cloud_id", "active"]
  }
  update "iso" {
    attributes = ["name", "description", "category_id"]
    request "update" {
      path       = "/isos/${self.id}"
      body       = { name = self.name, description = self.description == null ? "" : self.description, categoryId = self.category_id }
      idempotent = true
    }
  }
  delete {
    request "delete" {
      path = "/isos/${self.id}"
    }
  }
  import "<id>" {}
  recover {
    match   = item.name == self.name
    created = item.createdAt
  }
}

resource "xelon_tenant_user" {
  description = "A user of a tenant. Deleting deactivates it; its e-mail address stays taken."

  attribute "id" {
    type     = string
    computed = true
    from     = "identifier"
  }
  attribute "tenant_id" {
    type      = string
    required  = true
    on_change = "replace"
    from      = []
  }
  attribute "email" {
    type      = string
    required  = true
    on_change = "replace"
  }
  attribute "first_name" {
    type     = string
    required = true
    from     = "name"
  }
  attribute "last_name" {
    type     = string
    required = true
    from     = "surname"
  }
  attribute "password" {
    type       = string
    required   = true
    sensitive  = true
    write_only = true
  }
  attribute "roles" {
    type     = set(string)
    required = true
    decode   = [for r in value : try(r.name, r)]
  }
  attribute "permissions" {
    type     = set(string)
    required = true
    decode   = [for p in value : try(p.name, p)]
  }
  attribute "require_password_change" {
    type      = bool
    optional  = true
    default   = false
    on_change = "replace"
    from      = []
  }
  attribute "send_welcome_email" {
    type      = bool
    optional  = true
    default   = false
    on_change = "remember"
    from      = []
  }
  gone_when = try(response.isActive, true) == false
  create {
    request "create" {
      path = "/tenants/${self.tenant_id}/users"
      body = {
        email                   = self.email
        name                    = self.first_name
        surname                 = self.last_name
        password                = self.password
        passwordConfirmation    = self.password
        passwordShouldBeChanged = self.require_password_change
        welcomeEmail            = self.send_welcome_email
        roles                   = self.roles
        permissions             = self.permissions
      }
      result = { id = response.identifier }
    }
  }
  read {
    request "read" {
      path = "/tenants/${self.tenant_id}/users/${self.id}"
    }
  }
  list {
    path       = "/tenants/${self.tenant_id}/users"
    paging     = "pages"
    items      = try(body.data, response)
    item_key   = item.identifier
    key        = self.id
    partial    = true
    attributes = ["id", "email", "first_name", "last_name"]
    # The list does not tell roles and permissions.
    detail_when = true
  }
  update "names" {
    attributes = ["first_name", "last_name"]
    request "update" {
      method = "PUT"
      path   = "/tenants/${self.tenant_id}/users/${self.id}"
      body   = { name = self.first_name, surname = self.last_name }
    }
  }
  update "password" {
    attributes = ["password"]
    request "password" {
      method     = "POST"
      path       = "/tenants/${self.tenant_id}/users/${self.id}/password"
      body       = { password = self.password, password_confirmation = self.password }
      idempotent = true
    }
  }
  update "permissions" {
    attributes = ["roles", "permissions"]
    request "permissions" {
      method     = "POST"
      path       = "/tenants/${self.tenant_id}/users/${self.id}/permissions"
      body       = { roles = self.roles, permissions = self.permissions }
      idempotent = true
    }
  }
  delete {
    request "delete" {
      path = "/tenants/${self.tenant_id}/users/${self.id}"
    }
  }
  import "<tenant_id>/<id>" {}
  recover {
    match = item.email == self.email && try(item.isActive, true)
  }
}

resource "xelon_kubernetes_cluster" {
  description = "A Kubernetes cluster."

  attribute "id" {
    type     = string
    computed = true
    from     = "identifier"
  }
  attribute "name" {
    type      = string
    required  = true
    on_change = "replace"
  }
  attribute "cloud_id" {
    type      = string
    required  = true
    on_change = "replace"
    from      = "cloud.identifier"
    keep      = true
  }
  attribute "tenant_id" {
    type      = string
    required  = true
    on_change = "replace"
    from      = []
  }
  attribute "kubernetes_version" {
    type     = string
    required = true
    from     = []
  }
  attribute "talos_version" {
    type     = string
    required = true
    from     = []
  }
  attribute "control_plane" {
    type        = object({ cpu_core_count = optional(number), disk_size = optional(number), memory = optional(number), high_availability_enabled = optional(bool) })
    optional    = true
    from        = []
    description = "Sizes of the control plane's nodes (default 2 cores, 50 GB disk, 4 GB memory, highly available)."
  }
  attribute "load_balancer" {
    type        = object({ cpu_core_count = optional(number), disk_size = optional(number), memory = optional(number), high_availability_enabled = optional(bool) })
    optional    = true
    on_change   = "replace"
    from        = []
    description = "Sizes of the load balancers, with the same defaults."
  }
  attribute "status" {
    type     = string
    computed = true
    volatile = true
  }
  attribute "health" {
    type     = string
    computed = true
    from     = "health.health"
    volatile = true
  }
  timeouts {
    create = "30m"
    update = "30m"
  }
  create {
    request "create" {
      path = "/kubernetes"
      body = {
        clusterName      = self.name
        cloudIdentifier  = self.cloud_id
        tenantIdentifier = self.tenant_id
        k8sVersion       = self.kubernetes_version
        talosVersion     = self.talos_version
        controlPlaneType = try(coalesce(self.control_plane.high_availability_enabled), true) ? "production" : "test"
        loadBalancerType = try(coalesce(self.load_balancer.high_availability_enabled), true) ? "production" : "test"
        controlPlaneCpu  = try(coalesce(self.control_plane.cpu_core_count), 2)
        controlPlaneDisk = try(coalesce(self.control_plane.disk_size), 50)
        controlPlaneRam  = try(coalesce(self.control_plane.memory), 4)
        loadBalancerCpu  = try(coalesce(self.load_balancer.cpu_core_count), 2)
        loadBalancerDisk = try(coalesce(self.load_balancer.disk_size), 50)
        loadBalancerRam  = try(coalesce(self.load_balancer.memory), 4)
        podSubnet        = "100.111.0.0/16"
        serviceSubnet    = "100.112.0.0/12"
        notify           = false
        workerPool       = []
      }
      result = { id = response.identifier }
    }
    wait "ready" {
      path         = "/kubernetes/${self.id}"
      interval     = "5s"
      delay        = "3s"
      timeout      = "30m"
      usually      = "5m"
      tolerate     = ["5xx", "404"]
      tolerate_for = "10m"
      done         = response.status == "Ready"
      failed       = contains(["Deleting", "Deleted", "Error"], response.status)
      reason       = "the status is ${response.status}"
      progress     = response.status
    }
    wait "healthy" {
      path         = "/kubernetes/${self.id}"
      interval     = "5s"
      delay        = "0s"
      timeout      = "30m"
      usually      = "30s"
      tolerate     = ["5xx", "404"]
      tolerate_for = "10m"
      object       = response
      done         = try(response.health.health, "") == "healthy"
      progress     = try(response.health.health, null)
    }
  }
  read {
    request "read" {
      path = "/kubernetes/${self.id}"
    }
  }
  list {
    path       = "/kubernetes"
    paging     = "pages"
    items      = try(body.data, response)
    item_key   = item.identifier
    key        = self.id
    partial    = true
    attributes = ["id", "name", "cloud_id", "status", "health"]
  }
  update "control_plane" {
    attributes = ["control_plane"]
    request "control_plane" {
      path       = "/kubernetes/${self.id}/control-planes"
      body       = { cpuCoreCount = try(coalesce(self.control_plane.cpu_core_count), 2), disk = try(coalesce(self.control_plane.disk_size), 50), memory = try(coalesce(self.control_plane.memory), 4) }
      idempotent = true
      wait "ready" {
        path         = "/kubernetes/${self.id}"
        interval     = "5s"
        delay        = "3s"
        timeout      = "30m"
        usually      = "30s"
        tolerate     = ["5xx", "404"]
        tolerate_for = "10m"
        done         = response.status == "Ready"
      }
    }
    request "upgrade" {
      when   = try(coalesce(prior.control_plane.high_availability_enabled), true) == false && try(coalesce(self.control_plane.high_availability_enabled), true)
      method = "POST"
      path   = "/kubernetes/${self.id}/upgrade"
      wait "upgraded" {
        path         = "/kubernetes/${self.id}"
        interval     = "5s"
        delay        = "3s"
        timeout      = "30m"
        usually      = "30s"
        tolerate     = ["5xx", "404"]
        tolerate_for = "10m"
        done         = response.status == "Ready"
      }
    }
  }
  update "kubernetes_version" {
    attributes = ["kubernetes_version"]
    request "version" {
      method     = "POST"
      path       = "/kubernetes/${self.id}/k8s-version"
      body       = { version = self.kubernetes_version }
      idempotent = true
      wait "ready" {
        path         = "/kubernetes/${self.id}"
        interval     = "5s"
        delay        = "3s"
        timeout      = "30m"
        usually      = "30s"
        tolerate     = ["5xx", "404"]
        tolerate_for = "10m"
        done         = response.status == "Ready"
      }
    }
  }
  update "talos_version" {
    attributes = ["talos_version"]
    request "version" {
      method     = "POST"
      path       = "/kubernetes/${self.id}/talos-version"
      body       = { version = self.talos_version }
      idempotent = true
      wait "ready" {
        path         = "/kubernetes/${self.id}"
        interval     = "5s"
        delay        = "3s"
        timeout      = "30m"
        usually      = "30s"
        tolerate     = ["5xx", "404"]
        tolerate_for = "10m"
        done         = response.status == "Ready"
      }
    }
  }
  gone_when = contains(["Deleted"], try(response.status, ""))
  delete {
    request "delete" {
      path = "/kubernetes/${self.id}"
    }
    wait "deleted" {
      path     = "/kubernetes/${self.id}"
      interval = "5s"
      delay    = "3s"
      timeout  = "30m"
      usually  = "30s"
      done     = response.status == "Deleted"
      progress = response.status
    }
  }
  import "<id>" {}
  recover {
    match   = item.name == self.name
    created = item.createdAt
  }
}

resource "xelon_kubernetes_node_pool" {
  description = "A pool of worker nodes."

  attribute "id" {
    type     = string
    computed = true
    from     = "identifier"
  }
  attribute "kubernetes_cluster_id" {
    type      = string
    required  = true
    on_change = "replace"
    from      = []
  }
  attribute "name" {
    type     = string
    required = true
  }
  attribute "node_count" {
    type     = number
    optional = true
    default  = 3
    from     = "nodes"
    decode   = length(value)
    validate {
      condition = value >= 1
      message   = "A pool has at least one node."
    }
  }
  attribute "cpu_core_count" {
    type     = number
    optional = true
    default  = 2
    from     = "cpu"
  }
  attribute "disk_size" {
    type     = number
    optional = true
    default  = 50
    from     = "disk"
  }
  attribute "memory" {
    type     = number
    optional = true
    default  = 4
  }
  timeouts {
    create = "30m"
    update = "30m"
  }
  create {
    request "create" {
      path = "/kubernetes/${self.kubernetes_cluster_id}/pools"
      body = {
        workerPoolName      = self.name
        workerNodeAmount    = self.node_count
        workerNodeCpu       = self.cpu_core_count
        workerNodeDisk      = self.disk_size
        workerNodeRam       = self.memory
        workerNodeIsStorage = false
      }
      result = { id = response.identifier }
    }
    wait "deployed" {
      path         = "/kubernetes/${self.kubernetes_cluster_id}/pools/${self.id}"
      interval     = "5s"
      delay        = "3s"
      timeout      = "30m"
      usually      = "30s"
      tolerate     = ["5xx", "404"]
      tolerate_for = "10m"
      object       = response
      done         = alltrue([for n in try(response.nodes, []) : n.status == "Deployed"])
    }
  }
  list {
    path       = "/kubernetes/${self.kubernetes_cluster_id}/pools"
    items      = response
    item_key   = item.identifier
    key        = self.id
    partial    = true
    attributes = ["id", "name", "node_count", "cpu_core_count", "disk_size", "memory"]
  }
  update "pool" {
    attributes = ["name", "cpu_core_count", "disk_size", "memory"]
    request "update" {
      path = "/kubernetes/${self.kubernetes_cluster_id}/pools/${self.id}"
      body = {
        name            = self.name
        cpuCoreCount    = self.cpu_core_count
        disk            = self.disk_size
        memory          = self.memory
        hasExtraStorage = 0
        extraStorage    = 0
      }
      idempotent = true
      wait "deployed" {
        path         = "/kubernetes/${self.kubernetes_cluster_id}/pools/${self.id}"
        interval     = "5s"
        delay        = "3s"
        timeout      = "30m"
        usually      = "30s"
        tolerate     = ["5xx", "404"]
        tolerate_for = "10m"
        done         = alltrue([for n in try(response.nodes, []) : n.status == "Deployed"])
      }
    }
  }
  update "nodes" {
    attributes = ["node_count"]
    request "pool" {
      method = "GET"
      path   = "/kubernetes/${self.kubernetes_cluster_id}/pools/${self.id}"
    }
    request "add" {
      for_each = range(max(0, self.node_count - length(step.pool.nodes)))
      method   = "POST"
      path     = "/kubernetes/${self.kubernetes_cluster_id}/pools/${self.id}/nodes"
      wait "deployed" {
        path         = "/kubernetes/${self.kubernetes_cluster_id}/pools/${self.id}"
        interval     = "5s"
        delay        = "3s"
        timeout      = "30m"
        usually      = "30s"
        tolerate     = ["5xx", "404"]
        tolerate_for = "10m"
        done         = alltrue([for n in try(response.nodes, []) : n.status == "Deployed"])
      }
    }
    request "remove" {
      for_each = slice(reverse([for n in step.pool.nodes : n.identifier if n.status == "Deployed"]), 0, max(0, min(length(step.pool.nodes) - self.node_count, length([for n in step.pool.nodes : n if n.status == "Deployed"]))))
      method   = "DELETE"
      path     = "/kubernetes/${self.kubernetes_cluster_id}/nodes/${each.value}"
      wait "deployed" {
        path         = "/kubernetes/${self.kubernetes_cluster_id}/pools/${self.id}"
        interval     = "5s"
        delay        = "3s"
        timeout      = "30m"
        usually      = "30s"
        tolerate     = ["5xx", "404"]
        tolerate_for = "10m"
        done         = alltrue([for n in try(response.nodes, []) : n.status == "Deployed"])
      }
    }
  }
  delete {
    request "delete" {
      path = "/kubernetes/${self.kubernetes_cluster_id}/pools/${self.id}"
    }
  }
  import "<kubernetes_cluster_id>/<id>" {}
  recover {
    match = item.name == self.name
  }
}

data "xelon_network" {
  description = "A network, by id or exact name."
  attribute "id" {
    type     = string
    optional = true
    computed = true
    from     = "identifier"
  }
  attribute "name" {
    type     = string
    optional = true
    computed = true
  }
  attribute "clouds" {
    type     = set(object({ id = string, name = string }))
    computed = true
    decode   = [for c in value : { id = c.identifier, name = c.name }]
  }
  attribute "dns_primary" {
    type     = string
    computed = true
    from     = "dns1"
  }
  attribute "dns_secondary" {
    type     = string
    computed = true
    from     = "dns2"
  }
  attribute "gateway" {
    type     = string
    computed = true
  }
  attribute "network" {
    type     = string
    computed = true
  }
  attribute "subnet_size" {
    type     = number
    computed = true
    from     = "networkSize"
  }
  attribute "tenant_id" {
    type     = string
    computed = true
    from     = "owner.identifier"
  }
  attribute "type" {
    type     = string
    computed = true
  }
  validate {
    condition = config.id != null || config.name != null
    message   = "Set id or name."
  }
  request "find" {
    when   = self.id == null
    path   = "/networks"
    query  = { search = self.name }
    paging = "pages"
    items  = try(body.data, response)
    result = { id = one([for x in items : x.identifier if x.name == self.name]) }
    expect {
      condition = length([for x in items : x if x.name == self.name]) == 1
      message   = "There is no network of that name, or more than one."
    }
  }
  request "details" {
    path = "/networks/${self.id}"
  }
}

data "xelon_firewall" {
  description = "A firewall, by id or exact name."
  attribute "id" {
    type     = string
    optional = true
    computed = true
    from     = "identifier"
  }
  attribute "name" {
    type     = string
    optional = true
    computed = true
  }
  attribute "cloud_id" {
    type     = string
    computed = true
    from     = "cloud.identifier"
  }
  attribute "external_ipv4_address" {
    type     = string
    computed = true
    from     = "externalIp"
  }
  attribute "internal_ipv4_address" {
    type     = string
    computed = true
    from     = "internalIp"
  }
  attribute "tenant_id" {
    type     = string
    computed = true
    from     = "tenant.identifier"
  }
  validate {
    condition = config.id != null || config.name != null
    message   = "Set id or name."
  }
  request "find" {
    when   = self.id == null
    path   = "/firewalls"
    query  = { search = self.name }
    paging = "pages"
    items  = try(body.data, response)
    result = { id = one([for x in items : x.identifier if x.name == self.name]) }
    expect {
      condition = length([for x in items : x if x.name == self.name]) == 1
      message   = "There is no firewall of that name, or more than one."
    }
  }
  request "details" {
    path = "/firewalls/${self.id}"
  }
}

data "xelon_load_balancer" {
  description = "A load balancer, by id or exact name."
  attribute "id" {
    type     = string
    optional = true
    computed = true
    from     = "identifier"
  }
  attribute "name" {
    type     = string
    optional = true
    computed = true
  }
  attribute "cloud_id" {
    type     = string
    computed = true
    from     = "cloud.identifier"
  }
  attribute "device_ids" {
    type     = set(string)
    computed = true
    from     = "assignedDevices"
    decode   = [for d in value : d.identifier]
  }
  attribute "external_ipv4_address" {
    type     = string
    computed = true
    from     = "externalIp"
  }
  attribute "internal_ipv4_address" {
    type     = string
    computed = true
    from     = "internalIp"
  }
  attribute "tenant_id" {
    type     = string
    computed = true
    from     = "tenant.identifier"
  }
  attribute "type" {
    type     = string
    computed = true
  }
  validate {
    condition = config.id != null || config.name != null
    message   = "Set id or name."
  }
  request "find" {
    when   = self.id == null
    path   = "/load-balancers"
    query  = { search = self.name }
    paging = "pages"
    items  = try(body.data, response)
    result = { id = one([for x in items : x.identifier if x.name == self.name]) }
    expect {
      condition = length([for x in items : x if x.name == self.name]) == 1
      message   = "There is no load balancer of that name, or more than one."
    }
  }
  request "details" {
    path = "/load-balancers/${self.id}"
  }
}

data "xelon_persistent_storage" {
  description = "A persistent storage, by id or exact name."
  attribute "id" {
    type     = string
    optional = true
    computed = true
    from     = "identifier"
  }
  attribute "name" {
    type     = string
    optional = true
    computed = true
  }
  attribute "cloud_id" {
    type     = string
    computed = true
    from     = "cloud.identifier"
  }
  attribute "size" {
    type     = number
    computed = true
    from     = "capacity"
  }
  attribute "tenant_id" {
    type     = string
    computed = true
    from     = "tenant.identifier"
  }
  attribute "uuid" {
    type     = string
    computed = true
  }
  validate {
    condition = config.id != null || config.name != null
    message   = "Set id or name."
  }
  request "find" {
    when   = self.id == null
    path   = "/persistent-storages"
    query  = { search = self.name }
    paging = "pages"
    items  = try(body.data, response)
    result = { id = one([for x in items : x.identifier if x.name == self.name]) }
    expect {
      condition = length([for x in items : x if x.name == self.name]) == 1
      message   = "There is no storage of that name, or more than one."
    }
  }
  request "details" {
    path = "/persistent-storages/${self.id}"
  }
}

data "xelon_ssh_key" {
  description = "An SSH key, by id or exact name."
  attribute "id" {
    type     = string
    optional = true
    computed = true
    from     = "identifier"
  }
  attribute "name" {
    type     = string
    optional = true
    computed = true
  }
  attribute "public_key" {
    type     = string
    computed = true
    from     = "sshKey"
  }
  validate {
    condition = config.id != null || config.name != null
    message   = "Set id or name."
  }
  request "find" {
    when   = self.id == null
    path   = "/ssh-keys"
    query  = { search = self.name }
    paging = "pages"
    items  = try(body.data, response)
    result = { id = one([for x in items : x.identifier if x.name == self.name]) }
    expect {
      condition = length([for x in items : x if x.name == self.name]) == 1
      message   = "There is no key of that name, or more than one."
    }
  }
  request "details" {
    path = "/ssh-keys/${self.id}"
  }
}

data "xelon_iso" {
  description = "An ISO image, by id or exact name."
  attribute "id" {
    type     = string
    optional = true
    computed = true
    from     = "identifier"
  }
  attribute "name" {
    type     = string
    optional = true
    computed = true
  }
  attribute "active" {
    type     = bool
    computed = true
  }
  attribute "cloud_id" {
    type     = string
    computed = true
    from     = "cloud.identifier"
  }
  attribute "description" {
    type     = string
    computed = true
  }
  validate {
    condition = config.id != null || config.name != null
    message   = "Set id or name."
  }
  request "find" {
    when   = self.id == null
    path   = "/isos"
    query  = { search = self.name }
    paging = "pages"
    items  = try(body.data, response)
    result = { id = one([for x in items : x.identifier if x.name == self.name]) }
    expect {
      condition = length([for x in items : x if x.name == self.name]) == 1
      message   = "There is no image of that name, or more than one."
    }
  }
  request "details" {
    path = "/isos/${self.id}"
  }
}

data "xelon_template" {
  description = "A template, by id, or by exact name within a cloud."
  attribute "id" {
    type     = string
    optional = true
    computed = true
    from     = "identifier"
  }
  attribute "name" {
    type     = string
    optional = true
    computed = true
  }
  attribute "cloud_id" {
    type     = string
    optional = true
    computed = true
    from     = "cloudIdentifier"
  }
  attribute "most_recent" {
    type        = bool
    optional    = true
    from        = []
    description = "Take the newest of several."
  }
  attribute "category" {
    type     = string
    computed = true
  }
  attribute "description" {
    type     = string
    computed = true
  }
  attribute "type" {
    type     = string
    computed = true
  }
  validate {
    condition = config.id != null || config.name != null
    message   = "Set id or name."
  }
  request "find" {
    when   = self.id == null
    path   = "/templates"
    query  = { search = self.name }
    paging = "pages"
    items  = try(body.data, response)
    result = { id = reverse(sort([for x in items : "${try(x.createdAt, "")} ${x.identifier}" if x.name == self.name && (self.cloud_id == null || x.cloudIdentifier == self.cloud_id)]))[0] == null ? null : element(split(" ", reverse(sort([for x in items : "${try(x.createdAt, "")} ${x.identifier}" if x.name == self.name && (self.cloud_id == null || x.cloudIdentifier == self.cloud_id)]))[0]), length(split(" ", reverse(sort([for x in items : "${try(x.createdAt, "")} ${x.identifier}" if x.name == self.name && (self.cloud_id == null || x.cloudIdentifier == self.cloud_id)]))[0])) - 1) }
    expect {
      condition = length([for x in items : x if x.name == self.name && (self.cloud_id == null || x.cloudIdentifier == self.cloud_id)]) == 1 || (self.most_recent == true && length([for x in items : x if x.name == self.name]) > 0)
      message   = "There is no template of that name, or more than one: set cloud_id or most_recent."
    }
  }
  request "details" {
    path = "/templates/${self.id}"
  }
}

data "xelon_cloud" {
  description = "A cloud, by id or name."
  attribute "id" {
    type     = string
    optional = true
    computed = true
    from     = "identifier"
  }
  attribute "name" {
    type     = string
    optional = true
    computed = true
  }
  attribute "type" {
    type     = string
    computed = true
  }
  validate {
    condition = config.id != null || config.name != null
    message   = "Set id or name."
  }
  request "clouds" {
    path   = "/clouds"
    items  = response
    object = one([for c in items : c if(self.id == null || c.identifier == self.id) && (self.name == null || c.name == self.name)])
    expect {
      condition = length([for c in items : c if(self.id == null || c.identifier == self.id) && (self.name == null || c.name == self.name)]) == 1
      message   = "There is no such cloud, or more than one."
    }
  }
}

data "xelon_clouds" {
  description = "All clouds."
  attribute "clouds" {
    type     = list(object({ identifier = string, name = string, type = string }))
    computed = true
  }
  request "clouds" {
    path   = "/clouds"
    result = { clouds = response }
  }
}

data "xelon_tenant" {
  description = "A tenant, by id or name; the token's own if neither is set."
  attribute "id" {
    type     = string
    optional = true
    computed = true
    from     = "identifier"
  }
  attribute "name" {
    type     = string
    optional = true
    computed = true
  }
  attribute "parent_tenant_id" {
    type     = string
    computed = true
    from     = "parent"
  }
  attribute "status" {
    type     = string
    computed = true
  }
  attribute "type" {
    type     = string
    computed = true
  }
  request "find" {
    when   = self.id == null && self.name != null
    path   = "/tenants"
    query  = { search = self.name }
    paging = "pages"
    items  = try(body.data, response)
    result = { id = one([for x in items : x.identifier if x.name == self.name]) }
    expect {
      condition = length([for x in items : x if x.name == self.name]) == 1
      message   = "There is no tenant of that name, or more than one."
    }
  }
  request "current" {
    when = self.id == null
    path = "/tenants/current"
  }
  request "details" {
    when = !can(step.current)
    path = "/tenants/${self.id}"
  }
}

data "xelon_backup_plan" {
  description = "A backup plan of a cloud, by exact name."
  attribute "cloud_id" {
    type     = string
    required = true
    from     = []
  }
  attribute "name" {
    type     = string
    required = true
  }
  attribute "id" {
    type     = number
    computed = true
  }
  request "plans" {
    path   = "/backups/tags"
    query  = { cloudIdentifier = self.cloud_id }
    items  = response
    object = one([for p in items : p if p.name == self.name])
    expect {
      condition = length([for p in items : p if p.name == self.name]) == 1
      message   = "There is no backup plan of that name, or more than one."
    }
  }
}

data "xelon_kubernetes_cluster" {
  description = "Access to a Kubernetes cluster."
  attribute "kubernetes_cluster_id" {
    type     = string
    required = true
    from     = []
  }
  attribute "kubeconfig_raw" {
    type      = string
    computed  = true
    sensitive = true
    from      = []
  }
  attribute "talosconfig_raw" {
    type      = string
    computed  = true
    sensitive = true
    from      = []
  }
  request "kube" {
    path        = "/kubernetes/${self.kubernetes_cluster_id}/config/kube"
    accept_text = "application/yaml"
    result      = { kubeconfig_raw = body }
  }
  request "talos" {
    path        = "/kubernetes/${self.kubernetes_cluster_id}/config/talos"
    accept_text = "application/yaml"
    result      = { talosconfig_raw = body }
  }
}

data "xelon_kubernetes_cluster_versions" {
  description = "Versions that a cloud offers."
  attribute "cloud_id" {
    type     = string
    required = true
    from     = []
  }
  attribute "versions" {
    type     = list(object({ talos_version = string, kubernetes_versions = list(string) }))
    computed = true
    from     = []
  }
  request "versions" {
    path   = "/kubernetes/versions/${self.cloud_id}"
    result = { versions = [for t, k in response : { talos_version = t, kubernetes_versions = k }] }
  }
}

data "xelon_device_snapshots" {
  description = "The snapshots of a device."
  attribute "device_id" {
    type     = string
    required = true
    from     = []
  }
  attribute "snapshots" {
    type     = list(object({ identifier = string, name = string, description = string, createdAt = string }))
    computed = true
    from     = []
  }
  request "snapshots" {
    path   = "/devices/${self.device_id}/snapshots"
    paging = "pages"
    items  = try(body.data, response)
    result = { snapshots = items }
  }
}

data "xelon_object_storage_plans" {
  description = "Plans of object storage."
  attribute "plans" {
    type     = list(object({ title = string, description = string, quota = number, price = number, priceReplicated = number }))
    computed = true
  }
  request "plans" {
    path   = "/object-storages/plans"
    result = { plans = response }
  }
}

data "xelon_object_storage_regions" {
  description = "Regions of object storage."
  attribute "regions" {
    type     = list(object({ id = string, name = string, hasReplication = bool }))
    computed = true
  }
  request "regions" {
    path   = "/object-storages/zone-groups"
    result = { regions = response }
  }
}

action "xelon_device_start" {
  description = "Powers a device on."
  attribute "device_id" {
    type     = string
    required = true
  }
  request "device_start" {
    path       = "/devices/${self.device_id}/start"
    idempotent = true
  }
}

action "xelon_device_stop" {
  description = "Shuts a device down."
  attribute "device_id" {
    type     = string
    required = true
  }
  request "device_stop" {
    path       = "/devices/${self.device_id}/stop"
    idempotent = true
  }
}

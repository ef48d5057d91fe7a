# Serverspace public API v1 (also sold under other brands: only the host differs).
#
# Most changes answer with a task; the object stays Busy a little longer than its task
# runs, and changes in that time are refused with codes that are worth another try. There
# is no paging. Lists hold the same objects as details do. Resource types and arguments
# are those of the vendor's Terraform provider; snapshots, gateways and affinity groups,
# which it lacks, are added.

provider "serverspace" {
  source      = "registry.terraform.io/itglobalcom/serverspace"
  version     = "1.0.0"
  description = "Servers, networks, gateways and DNS of Serverspace."

  setting "key" {
    required    = true
    sensitive   = true
    env         = ["SERVERSPACE_KEY"]
    description = "API key of the project."
  }
  setting "host" {
    env         = ["SERVERSPACE_HOST", "SERVERSPACE_ENDPOINT"]
    description = "Address of the API without /api/v1. If not set, the first two characters of the key tell it."
  }
  setting "requests_per_minute" {
    type        = number
    env         = ["SERVERSPACE_REQUESTS_PER_MINUTE"]
    default     = 120
    description = "Requests per minute to keep to. The service publishes no limit."
  }

  base_url = "${trimsuffix(trimsuffix(trimsuffix(coalesce(provider.host, lookup({
    "02" = "https://api.serverspace.by"
    "04" = "https://api.serverspace.io"
    "06" = "https://api.serverspace.ru"
    "07" = "https://api.lincore.kz"
    "08" = "https://api.serverspace.us"
    "09" = "https://api.serverspace.com.tr"
    "0a" = "https://api.serverspace.in"
    "0f" = "https://api.itglobal.com"
    "14" = "https://api.serverspace.kz"
    "20" = "https://api.cloudtek.kz"
    "21" = "https://api.serverspace.ca"
    "22" = "https://api.serverspace.com.br"
    "23" = "https://api.falconcloud.ae"
    "25" = "https://api.vc.miran.ru"
    "26" = "https://api.ekacod.ru"
    "28" = "https://api.glos.online"
  }, lower(substr(provider.key, 0, 2)), "unknown: set host, the key does not tell it")), "/"), "/api/v1"), "/")}/api/v1"
  headers = { X-API-KEY = provider.key }
  timeout = "60s"

  errors {
    code    = try(tostring(body.errors[0].code), tostring(body.code), null)
    message = try(join("; ", [for e in body.errors : try(e.message, tostring(e))]), tostring(body.error), tostring(body.message), null)

    error "404" {
      gone = true
    }
    # Busy, or changed at the same time by another request: nothing has happened yet.
    error "-4000" {
      retry = true
    }
    error "-5592" {
      retry = true
    }
    error "-19059" {
      retry = true
    }
    error "-19605" {
      retry = true
    }
    error "-19803" {
      retry = true
    }
    error "-19511" {
      retry = true
      hint  = "Servers or gateways are still connected to the network."
    }
    error "-12043" {
      retry = true
    }
    error "-8154" {
      hint = "The server is suspended."
    }
    error "-8049" {
      hint = "The data source serverspace_locations lists the locations."
    }
  }

  rate_limit {
    per_minute = provider.requests_per_minute
    key        = provider.key
  }
}

resource "serverspace_server" {
  description = "A virtual server with its volumes and network interfaces."

  attribute "id" {
    type     = string
    computed = true
  }
  attribute "name" {
    type     = string
    required = true
  }
  attribute "image" {
    type        = string
    required    = true
    on_change   = "replace"
    from        = "image_id"
    description = "The image, see the data source serverspace_images."
  }
  attribute "location" {
    type        = string
    required    = true
    on_change   = "replace"
    from        = "location_id"
    description = "The location, see the data source serverspace_locations."
  }
  attribute "cpu" {
    type     = number
    required = true
    validate {
      condition = value >= 1
      message   = "A server needs at least one CPU."
    }
  }
  attribute "ram" {
    type        = number
    required    = true
    from        = "ram_mb"
    description = "Memory in MB."
    validate {
      condition = value >= 1
      message   = "The memory is a number of MB."
    }
  }
  attribute "boot_volume_size" {
    type        = number
    required    = true
    from        = "volumes"
    decode      = one([for v in value : v.size_mb if v.name == "boot"])
    description = "Size of the boot volume in MB, a multiple of 10240; it can only grow."
    validate {
      condition = value % 1024 == 0
      message   = "The size has to be a multiple of 1024 (and of 10240 for most locations)."
    }
  }
  attribute "boot_volume_id" {
    type     = number
    computed = true
    from     = "volumes"
    decode   = one([for v in value : v.id if v.name == "boot"])
  }
  block "volume" {
    nesting     = "list"
    max         = 4
    description = "A further volume. Volumes are told apart by their names."
    from        = "volumes"
    # The API lists volumes in any order: those that are known keep their places.
    decode = concat(
      flatten([for w in try(self.volume[*], []) : [for v in value : { id = v.id, name = v.name, size = v.size_mb } if v.name == w.name && v.name != "boot"]]),
      [for v in value : { id = v.id, name = v.name, size = v.size_mb } if v.name != "boot" && !contains([for w in try(self.volume[*], []) : w.name], v.name)]
    )
    attribute "id" {
      type     = number
      optional = true
      computed = true
    }
    attribute "name" {
      type     = string
      required = true
      validate {
        condition = value != "boot"
        message   = "The name \"boot\" is the boot volume's."
      }
    }
    attribute "size" {
      type     = number
      required = true
      validate {
        condition = value >= 10240 && value % 1024 == 0
        message   = "The size is at least 10240 MB and a multiple of 1024 (of 10240 for most locations)."
      }
    }
  }
  block "nic" {
    nesting     = "set"
    max         = 5
    description = "A network interface."
    from        = "nics"
    decode = [for n in value : {
      id           = n.id
      network      = n.network_type == "PublicShared" ? "" : n.network_id
      network_type = n.network_type
      bandwidth    = try(coalesce(n.bandwidth_mbps, 0), 0)
      ip_address   = try(n.ip_address, null)
    }]
    attribute "id" {
      type     = number
      computed = true
    }
    attribute "network" {
      type        = string
      required    = true
      description = "The isolated network's id; \"\" for a public interface."
    }
    attribute "network_type" {
      type     = string
      required = true
      validate {
        condition = contains(["PublicShared", "Isolated"], value)
        message   = "The network_type is \"PublicShared\" or \"Isolated\"."
      }
    }
    attribute "bandwidth" {
      type        = number
      required    = true
      description = "Mbit/s of a public interface, a multiple of 10; 0 for an isolated one."
      validate {
        condition = value >= 0 && value <= 1024
        message   = "The bandwidth is a number from 0 to 1024."
      }
    }
    attribute "ip_address" {
      type     = string
      computed = true
    }
  }
  attribute "public_ip_addresses" {
    type         = list(string)
    computed     = true
    from         = "nics"
    decode       = sort([for n in value : n.ip_address if n.network_type == "PublicShared"])
    changes_with = ["nic"]
  }
  attribute "ssh_keys" {
    type      = list(number)
    optional  = true
    computed  = true
    on_change = "replace"
    from      = "ssh_key_ids"
    keep      = true
    normalize = sort([for k in value : tostring(k)])
  }
  validate {
    condition = length(distinct([for v in config.volume : v.name])) == length(config.volume)
    message   = "Every volume needs a name of its own."
  }

  timeouts {
    create = "30m"
    update = "30m"
    delete = "20m"
  }

  create {
    request "create" {
      path = "/servers"
      body = {
        name        = self.name
        location_id = self.location
        image_id    = self.image
        cpu         = self.cpu
        ram_mb      = self.ram
        volumes     = concat([{ name = "boot", size_mb = self.boot_volume_size }], [for v in self.volume : { name = v.name, size_mb = v.size }])
        networks = [for n in self.nic : {
          bandwidth_mbps = n.network_type == "PublicShared" ? n.bandwidth : null
          network_id     = n.network_type == "PublicShared" ? null : n.network
        }]
        ssh_key_ids = self.ssh_keys
      }
      remember = { create_task = response.task_id }
    }
    wait "task" {
      path     = "/tasks/${remembered.create_task}"
      when     = try(remembered.create_task, null) != null
      interval = "5s"
      delay    = "0s"
      timeout  = "30m"
      usually  = "90s"
      done     = contains(["Completed", "true"], tostring(response.task.is_completed))
      failed   = contains(["Failed", "Canceled"], tostring(response.task.is_completed))
      reason   = "task ${remembered.create_task} is ${response.task.is_completed}; tasks give no reason"
      progress = try("${response.task.type} ${response.task.progress_percent}%", "task ${response.task.is_completed}")
      result = {
        id = try(response.task.server_id, one([for r in response.task.resources : r.id if r.type == "server"]))
      }
    }
    wait "active" {
      path         = "/servers/${self.id}"
      interval     = "5s"
      delay        = "1s"
      timeout      = "30m"
      list_pending = contains(["New", "Busy"], item.state)
      tolerate     = ["404"]
      tolerate_for = "1m"
      object       = response.server
      done         = response.server.state == "Active"
      failed       = response.server.state == "Blocked"
      reason       = "the server is blocked"
      progress     = response.server.state
    }
  }

  read {
    request "details" {
      path   = "/servers/${self.id}"
      object = response.server
    }
  }

  list {
    path       = "/servers"
    items      = try(response.servers, [])
    item_key   = item.id
    key        = self.id
    attributes = ["id", "name", "image", "location", "cpu", "ram", "boot_volume_size", "boot_volume_id", "volume", "nic", "public_ip_addresses", "ssh_keys"]
  }

  update "name" {
    attributes = ["name"]
    request "rename" {
      method = "PUT"
      path   = "/servers/${self.id}/name"
      body   = { name = self.name }
      wait "task" {
        path     = "/tasks/${sent.task_id}"
        interval = "5s"
        delay    = "1s"
        timeout  = "30m"
        usually  = "10s"
        done     = contains(["Completed", "true"], tostring(response.task.is_completed))
        failed   = contains(["Failed", "Canceled"], tostring(response.task.is_completed))
        reason   = "task ${sent.task_id} is ${response.task.is_completed}; tasks give no reason"
        progress = try("${response.task.type} ${response.task.progress_percent}%", "task ${response.task.is_completed}")
      }
      wait "active" {
        path     = "/servers/${self.id}"
        interval = "5s"
        delay    = "1s"
        timeout  = "10m"
        usually  = "5s"
        done     = response.server.state == "Active"
        failed   = response.server.state == "Blocked"
        reason   = "the server is blocked"
        progress = response.server.state
      }
    }
  }
  update "size" {
    attributes = ["cpu", "ram"]
    request "resize" {
      method = "PUT"
      path   = "/servers/${self.id}"
      body   = { cpu = self.cpu, ram_mb = self.ram }
      wait "task" {
        path     = "/tasks/${sent.task_id}"
        interval = "5s"
        delay    = "1s"
        timeout  = "30m"
        usually  = "10s"
        done     = contains(["Completed", "true"], tostring(response.task.is_completed))
        failed   = contains(["Failed", "Canceled"], tostring(response.task.is_completed))
        reason   = "task ${sent.task_id} is ${response.task.is_completed}; tasks give no reason"
        progress = try("${response.task.type} ${response.task.progress_percent}%", "task ${response.task.is_completed}")
      }
      wait "active" {
        path     = "/servers/${self.id}"
        interval = "5s"
        delay    = "1s"
        timeout  = "10m"
        usually  = "5s"
        done     = response.server.state == "Active"
        failed   = response.server.state == "Blocked"
        reason   = "the server is blocked"
        progress = response.server.state
      }
    }
  }
  update "volumes" {
    attributes = ["volume"]
    request "delete" {
      for_each = [for v in prior.volume : v.id if !contains([for w in self.volume : w.name], v.name)]
      method   = "DELETE"
      path     = "/servers/${self.id}/volumes/${each.value}"
      query    = { return_task = true }
      accept   = ["404"]
      wait "task" {
        when     = try(sent.task_id, null) != null
        path     = "/tasks/${sent.task_id}"
        interval = "5s"
        delay    = "1s"
        timeout  = "30m"
        usually  = "10s"
        done     = contains(["Completed", "true"], tostring(response.task.is_completed))
        failed   = contains(["Failed", "Canceled"], tostring(response.task.is_completed))
        reason   = "task ${sent.task_id} is ${response.task.is_completed}; tasks give no reason"
        progress = try("${response.task.type} ${response.task.progress_percent}%", "task ${response.task.is_completed}")
      }
      wait "active" {
        path     = "/servers/${self.id}"
        interval = "5s"
        delay    = "1s"
        timeout  = "10m"
        usually  = "5s"
        done     = response.server.state == "Active"
        failed   = response.server.state == "Blocked"
        reason   = "the server is blocked"
        progress = response.server.state
      }
    }
    request "resize" {
      for_each = flatten([for w in self.volume : [for v in prior.volume : { id = v.id, name = w.name, size = w.size } if v.name == w.name && v.size != w.size]])
      method   = "PUT"
      path     = "/servers/${self.id}/volumes/${each.value.id}"
      body     = { name = each.value.name, size_mb = each.value.size }
      wait "task" {
        path     = "/tasks/${sent.task_id}"
        interval = "5s"
        delay    = "1s"
        timeout  = "30m"
        usually  = "10s"
        done     = contains(["Completed", "true"], tostring(response.task.is_completed))
        failed   = contains(["Failed", "Canceled"], tostring(response.task.is_completed))
        reason   = "task ${sent.task_id} is ${response.task.is_completed}; tasks give no reason"
        progress = try("${response.task.type} ${response.task.progress_percent}%", "task ${response.task.is_completed}")
      }
      wait "active" {
        path     = "/servers/${self.id}"
        interval = "5s"
        delay    = "1s"
        timeout  = "10m"
        usually  = "5s"
        done     = response.server.state == "Active"
        failed   = response.server.state == "Blocked"
        reason   = "the server is blocked"
        progress = response.server.state
      }
    }
    request "create" {
      for_each = [for w in self.volume : w if !contains([for v in prior.volume : v.name], w.name)]
      method   = "POST"
      path     = "/servers/${self.id}/volumes"
      body     = { name = each.value.name, size_mb = each.value.size }
      wait "task" {
        path     = "/tasks/${sent.task_id}"
        interval = "5s"
        delay    = "1s"
        timeout  = "30m"
        usually  = "10s"
        done     = contains(["Completed", "true"], tostring(response.task.is_completed))
        failed   = contains(["Failed", "Canceled"], tostring(response.task.is_completed))
        reason   = "task ${sent.task_id} is ${response.task.is_completed}; tasks give no reason"
        progress = try("${response.task.type} ${response.task.progress_percent}%", "task ${response.task.is_completed}")
      }
      wait "active" {
        path     = "/servers/${self.id}"
        interval = "5s"
        delay    = "1s"
        timeout  = "10m"
        usually  = "5s"
        done     = response.server.state == "Active"
        failed   = response.server.state == "Blocked"
        reason   = "the server is blocked"
        progress = response.server.state
      }
    }
  }
  update "boot_volume" {
    attributes = ["boot_volume_size"]
    request "resize" {
      method = "PUT"
      path   = "/servers/${self.id}/volumes/${self.boot_volume_id}"
      body   = { name = "boot", size_mb = self.boot_volume_size }
      wait "task" {
        path     = "/tasks/${sent.task_id}"
        interval = "5s"
        delay    = "1s"
        timeout  = "30m"
        usually  = "10s"
        done     = contains(["Completed", "true"], tostring(response.task.is_completed))
        failed   = contains(["Failed", "Canceled"], tostring(response.task.is_completed))
        reason   = "task ${sent.task_id} is ${response.task.is_completed}; tasks give no reason"
        progress = try("${response.task.type} ${response.task.progress_percent}%", "task ${response.task.is_completed}")
      }
      wait "active" {
        path     = "/servers/${self.id}"
        interval = "5s"
        delay    = "1s"
        timeout  = "10m"
        usually  = "5s"
        done     = response.server.state == "Active"
        failed   = response.server.state == "Blocked"
        reason   = "the server is blocked"
        progress = response.server.state
      }
    }
  }
  update "nics" {
    attributes = ["nic"]
    # A single public interface changes its bandwidth in place; others are replaced.
    request "bandwidth" {
      for_each = length([for n in prior.nic : n if n.network_type == "PublicShared"]) == 1 && length([for n in self.nic : n if n.network_type == "PublicShared"]) == 1 ? flatten([for n in prior.nic : [for m in self.nic : { id = n.id, bandwidth = m.bandwidth } if m.network_type == "PublicShared" && m.bandwidth != n.bandwidth] if n.network_type == "PublicShared"]) : []
      method   = "PUT"
      path     = "/servers/${self.id}/nics/${each.value.id}"
      body     = { bandwidth_mbps = each.value.bandwidth }
      wait "task" {
        path     = "/tasks/${sent.task_id}"
        interval = "5s"
        delay    = "1s"
        timeout  = "30m"
        usually  = "10s"
        done     = contains(["Completed", "true"], tostring(response.task.is_completed))
        failed   = contains(["Failed", "Canceled"], tostring(response.task.is_completed))
        reason   = "task ${sent.task_id} is ${response.task.is_completed}; tasks give no reason"
        progress = try("${response.task.type} ${response.task.progress_percent}%", "task ${response.task.is_completed}")
      }
      wait "active" {
        path     = "/servers/${self.id}"
        interval = "5s"
        delay    = "1s"
        timeout  = "10m"
        usually  = "5s"
        done     = response.server.state == "Active"
        failed   = response.server.state == "Blocked"
        reason   = "the server is blocked"
        progress = response.server.state
      }
    }
    request "delete" {
      for_each = [for n in prior.nic : n.id if !contains([for m in self.nic : "${m.network}/${m.bandwidth}"], "${n.network}/${n.bandwidth}") && !(n.network_type == "PublicShared" && length([for x in prior.nic : x if x.network_type == "PublicShared"]) == 1 && length([for x in self.nic : x if x.network_type == "PublicShared"]) == 1)]
      method   = "DELETE"
      path     = "/servers/${self.id}/nics/${each.value}"
      query    = { return_task = true }
      accept   = ["404"]
      wait "task" {
        when     = try(sent.task_id, null) != null
        path     = "/tasks/${sent.task_id}"
        interval = "5s"
        delay    = "1s"
        timeout  = "30m"
        usually  = "10s"
        done     = contains(["Completed", "true"], tostring(response.task.is_completed))
        failed   = contains(["Failed", "Canceled"], tostring(response.task.is_completed))
        reason   = "task ${sent.task_id} is ${response.task.is_completed}; tasks give no reason"
        progress = try("${response.task.type} ${response.task.progress_percent}%", "task ${response.task.is_completed}")
      }
      wait "active" {
        path     = "/servers/${self.id}"
        interval = "5s"
        delay    = "1s"
        timeout  = "10m"
        usually  = "5s"
        done     = response.server.state == "Active"
        failed   = response.server.state == "Blocked"
        reason   = "the server is blocked"
        progress = response.server.state
      }
    }
    request "create" {
      for_each = [for m in self.nic : m if !contains([for n in prior.nic : "${n.network}/${n.bandwidth}"], "${m.network}/${m.bandwidth}") && !(m.network_type == "PublicShared" && length([for x in prior.nic : x if x.network_type == "PublicShared"]) == 1 && length([for x in self.nic : x if x.network_type == "PublicShared"]) == 1)]
      method   = "POST"
      path     = "/servers/${self.id}/nics"
      body = {
        bandwidth_mbps = each.value.network_type == "PublicShared" ? each.value.bandwidth : null
        network_id     = each.value.network_type == "PublicShared" ? null : each.value.network
      }
      wait "task" {
        path     = "/tasks/${sent.task_id}"
        interval = "5s"
        delay    = "1s"
        timeout  = "30m"
        usually  = "10s"
        done     = contains(["Completed", "true"], tostring(response.task.is_completed))
        failed   = contains(["Failed", "Canceled"], tostring(response.task.is_completed))
        reason   = "task ${sent.task_id} is ${response.task.is_completed}; tasks give no reason"
        progress = try("${response.task.type} ${response.task.progress_percent}%", "task ${response.task.is_completed}")
      }
      wait "active" {
        path     = "/servers/${self.id}"
        interval = "5s"
        delay    = "1s"
        timeout  = "10m"
        usually  = "5s"
        done     = response.server.state == "Active"
        failed   = response.server.state == "Blocked"
        reason   = "the server is blocked"
        progress = response.server.state
      }
    }
  }

  delete {
    request "delete" {
      path  = "/servers/${self.id}"
      query = { return_task = true }
      wait "task" {
        when     = try(sent.task_id, null) != null
        path     = "/tasks/${sent.task_id}"
        interval = "5s"
        delay    = "1s"
        timeout  = "30m"
        usually  = "10s"
        done     = contains(["Completed", "true"], tostring(response.task.is_completed))
        failed   = contains(["Failed", "Canceled"], tostring(response.task.is_completed))
        reason   = "task ${sent.task_id} is ${response.task.is_completed}; tasks give no reason"
        progress = try("${response.task.type} ${response.task.progress_percent}%", "task ${response.task.is_completed}")
      }
    }
  }

  import "<id>" {}

  # Servers carry no unique name; the one that is new and fits is taken.
  recover {
    match   = item.name == self.name && item.location_id == self.location && item.image_id == self.image
    created = item.created
    confirm = response.cpu == self.cpu && response.ram == self.ram
  }
}

resource "serverspace_isolated_network" {
  description = "An isolated network."

  attribute "id" {
    type     = string
    computed = true
  }
  attribute "name" {
    type     = string
    required = true
  }
  attribute "description" {
    type     = string
    required = true
    decode   = value == null ? "" : value
    keep     = true
  }
  attribute "location" {
    type      = string
    required  = true
    on_change = "replace"
    from      = "location_id"
  }
  attribute "network_prefix" {
    type      = string
    required  = true
    on_change = "replace"
  }
  attribute "mask" {
    type      = number
    required  = true
    on_change = "replace"
  }

  timeouts {
    create = "20m"
    delete = "20m"
  }

  create {
    request "create" {
      path = "/networks/isolated"
      body = {
        name           = self.name
        description    = self.description
        location_id    = self.location
        network_prefix = self.network_prefix
        mask           = self.mask
      }
      wait "task" {
        path     = "/tasks/${sent.task_id}"
        interval = "5s"
        delay    = "0s"
        timeout  = "30m"
        usually  = "10s"
        done     = contains(["Completed", "true"], tostring(response.task.is_completed))
        failed   = contains(["Failed", "Canceled"], tostring(response.task.is_completed))
        reason   = "task ${sent.task_id} is ${response.task.is_completed}; tasks give no reason"
        progress = try("${response.task.type} ${response.task.progress_percent}%", "task ${response.task.is_completed}")
        result = {
          id = try(response.task.network_id, one([for r in response.task.resources : r.id if r.type == "network"]))
        }
      }
    }
    wait "active" {
      path         = "/networks/isolated/${self.id}"
      interval     = "5s"
      delay        = "0s"
      timeout      = "10m"
      tolerate     = ["404"]
      tolerate_for = "1m"
      done         = try(response.isolated_network.state, "Active") == "Active"
    }
  }

  read {
    request "details" {
      path   = "/networks/isolated/${self.id}"
      object = response.isolated_network
    }
  }

  list {
    path       = "/networks/isolated"
    items      = try(response.isolated_networks, [])
    item_key   = item.id
    key        = self.id
    attributes = ["id", "name", "description", "location", "network_prefix", "mask"]
  }

  update "names" {
    attributes = ["name", "description"]
    request "update" {
      method = "PUT"
      path   = "/networks/isolated/${self.id}"
      body   = { name = self.name, description = self.description }
    }
  }

  delete {
    request "delete" {
      path  = "/networks/isolated/${self.id}"
      query = { return_task = true }
      wait "task" {
        when     = try(sent.task_id, null) != null
        path     = "/tasks/${sent.task_id}"
        interval = "5s"
        delay    = "1s"
        timeout  = "30m"
        usually  = "10s"
        done     = contains(["Completed", "true"], tostring(response.task.is_completed))
        failed   = contains(["Failed", "Canceled"], tostring(response.task.is_completed))
        reason   = "task ${sent.task_id} is ${response.task.is_completed}; tasks give no reason"
        progress = try("${response.task.type} ${response.task.progress_percent}%", "task ${response.task.is_completed}")
      }
    }
  }

  import "<id>" {}

  recover {
    match   = item.name == self.name && item.location_id == self.location
    created = item.created
  }
}

resource "serverspace_ssh" {
  description = "An SSH key. It cannot be changed."

  attribute "id" {
    type     = string
    computed = true
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
    normalize = join("", [for l in split("\n", replace(value, "\r", "")) : trimspace(l)])
  }

  create {
    request "create" {
      path   = "/ssh-keys"
      body   = { name = self.name, public_key = trimspace(self.public_key) }
      object = try(response.ssh_key, response)
    }
  }

  read {
    request "details" {
      path   = "/ssh-keys/${self.id}"
      object = response.ssh_key
    }
  }

  list {
    path       = "/ssh-keys"
    items      = try(response.ssh_keys, response.ssh_key, [])
    item_key   = tostring(item.id)
    key        = self.id
    attributes = ["id", "name", "public_key"]
  }

  delete {
    request "delete" {
      path = "/ssh-keys/${self.id}"
    }
  }

  import "<id>" {}

  recover {
    match = item.name == self.name && trimspace(item.public_key) == trimspace(self.public_key)
  }
}

resource "serverspace_domain" {
  description = "A DNS zone. Deleting it deletes its records."

  attribute "id" {
    type        = string
    computed    = true
    value       = self.name
    description = "The name."
  }
  attribute "name" {
    type      = string
    required  = true
    on_change = "replace"
    normalize = "${trimsuffix(lower(value), ".")}."
    validate {
      condition = endswith(value, ".")
      message   = "The name has to end with a dot."
    }
  }
  attribute "migrate_records" {
    type        = bool
    default     = false
    on_change   = "replace"
    from        = []
    description = "Whether to copy the domain's existing records. Cannot be read."
  }
  attribute "is_delegated" {
    type     = bool
    computed = true
    volatile = true
  }

  create {
    request "create" {
      path = "/domains"
      body = { name = self.name, migrate_records = self.migrate_records }
      wait "task" {
        path     = "/tasks/${sent.task_id}"
        interval = "5s"
        delay    = "1s"
        timeout  = "30m"
        usually  = "10s"
        done     = contains(["Completed", "true"], tostring(response.task.is_completed))
        failed   = contains(["Failed", "Canceled"], tostring(response.task.is_completed))
        reason   = "task ${sent.task_id} is ${response.task.is_completed}; tasks give no reason"
        progress = try("${response.task.type} ${response.task.progress_percent}%", "task ${response.task.is_completed}")
      }
    }
  }

  read {
    request "details" {
      path   = "/domains/${self.name}"
      object = response.domain
    }
  }

  list {
    path       = "/domains"
    items      = try(response.domains, [])
    item_key   = "${trimsuffix(lower(item.name), ".")}."
    key        = "${trimsuffix(lower(self.name), ".")}."
    attributes = ["name", "is_delegated"]
  }

  delete {
    request "delete" {
      path  = "/domains/${self.name}"
      query = { return_task = true }
      wait "task" {
        when     = try(sent.task_id, null) != null
        path     = "/tasks/${sent.task_id}"
        interval = "5s"
        delay    = "1s"
        timeout  = "30m"
        usually  = "10s"
        done     = contains(["Completed", "true"], tostring(response.task.is_completed))
        failed   = contains(["Failed", "Canceled"], tostring(response.task.is_completed))
        reason   = "task ${sent.task_id} is ${response.task.is_completed}; tasks give no reason"
        progress = try("${response.task.type} ${response.task.progress_percent}%", "task ${response.task.is_completed}")
      }
    }
  }

  import "<name>" {}

  recover {
    match = trimsuffix(lower(item.name), ".") == trimsuffix(lower(self.name), ".")
  }
}

resource "serverspace_domain_record" {
  description = "A DNS record."

  attribute "id" {
    type     = string
    computed = true
  }
  attribute "domain" {
    type      = string
    required  = true
    on_change = "replace"
    from      = []
    normalize = "${trimsuffix(lower(value), ".")}."
    validate {
      condition = endswith(value, ".")
      message   = "The domain has to end with a dot."
    }
  }
  attribute "name" {
    type      = string
    required  = true
    normalize = lower(value)
    # The service puts _service._protocol. before the name of an SRV record.
    decode = upper(try(response.type, "")) == "SRV" ? replace(value, "/^_[^.]+\\._[^.]+\\./", "") : value
    validate {
      condition = endswith(value, ".")
      message   = "The name has to be whole, with a dot at the end."
    }
  }
  attribute "type" {
    type      = string
    required  = true
    normalize = upper(value)
    validate {
      condition = contains(["A", "AAAA", "MX", "CNAME", "NS", "TXT", "SRV"], upper(value))
      message   = "The type is one of A, AAAA, MX, CNAME, NS, TXT and SRV."
    }
  }
  attribute "ip" {
    type      = string
    optional  = true
    normalize = lower(value)
  }
  attribute "mail_host" {
    type      = string
    optional  = true
    normalize = lower(value)
  }
  attribute "canonical_name" {
    type      = string
    optional  = true
    normalize = lower(value)
  }
  attribute "name_server_host" {
    type      = string
    optional  = true
    normalize = lower(value)
    validate {
      condition = !can(regex("^ns0[1-6]\\.(serverspace\\.com|ss4test\\.com)\\.$", lower(value)))
      message   = "This name server is the service's own; its records are not to be managed."
    }
  }
  attribute "text" {
    type     = string
    optional = true
    decode   = startswith(value, "\"") && endswith(value, "\"") ? substr(value, 1, length(value) - 2) : value
  }
  attribute "priority" {
    type     = number
    optional = true
  }
  attribute "weight" {
    type     = number
    optional = true
  }
  attribute "port" {
    type     = number
    optional = true
  }
  attribute "target" {
    type      = string
    optional  = true
    normalize = lower(value)
  }
  attribute "service" {
    type     = string
    optional = true
  }
  attribute "protocol" {
    type      = string
    optional  = true
    normalize = lower(value)
  }
  attribute "ttl" {
    type        = string
    optional    = true
    computed    = true
    description = "Shared by all records of the name and type."
    validate {
      condition = contains(["1s", "5s", "30s", "1m", "5m", "10m", "15m", "30m", "1h", "2h", "6h", "12h", "1d"], value)
      message   = "The ttl is one of 1s, 5s, 30s, 1m, 5m, 10m, 15m, 30m, 1h, 2h, 6h, 12h and 1d."
    }
  }

  create {
    request "create" {
      path = "/domains/${self.domain}/records"
      body = {
        name             = self.name
        type             = upper(self.type)
        ip               = self.ip
        mail_host        = self.mail_host
        canonical_name   = self.canonical_name
        name_server_host = self.name_server_host
        text             = self.text
        priority         = self.priority == -1 ? null : self.priority
        weight           = self.weight == -1 ? null : self.weight
        port             = self.port == -1 ? null : self.port
        target           = self.target
        service          = self.service
        protocol         = self.protocol == null ? null : upper(self.protocol)
        ttl              = self.ttl
      }
      wait "task" {
        path     = "/tasks/${sent.task_id}"
        interval = "5s"
        delay    = "0s"
        timeout  = "30m"
        usually  = "10s"
        done     = contains(["Completed", "true"], tostring(response.task.is_completed))
        failed   = contains(["Failed", "Canceled"], tostring(response.task.is_completed))
        reason   = "task ${sent.task_id} is ${response.task.is_completed}; tasks give no reason"
        progress = try("${response.task.type} ${response.task.progress_percent}%", "task ${response.task.is_completed}")
        result = {
          id = try(tostring(response.task.record_id), one([for r in response.task.resources : tostring(r.id) if r.type == "record"]))
        }
      }
    }
  }

  list {
    path       = "/domains/${self.domain}/records"
    items      = try(response.records, [])
    item_key   = tostring(item.id)
    key        = self.id
    attributes = ["id", "name", "type", "ip", "mail_host", "canonical_name", "name_server_host", "text", "priority", "weight", "port", "target", "service", "protocol", "ttl"]
  }

  update "record" {
    attributes = ["name", "type", "ip", "mail_host", "canonical_name", "name_server_host", "text", "priority", "weight", "port", "target", "service", "protocol", "ttl"]
    request "update" {
      method = "PUT"
      path   = "/domains/${self.domain}/records/${self.id}"
      body = {
        name             = self.name
        type             = upper(self.type)
        ip               = self.ip
        mail_host        = self.mail_host
        canonical_name   = self.canonical_name
        name_server_host = self.name_server_host
        text             = self.text
        priority         = self.priority == -1 ? null : self.priority
        weight           = self.weight == -1 ? null : self.weight
        port             = self.port == -1 ? null : self.port
        target           = self.target
        service          = self.service
        protocol         = self.protocol == null ? null : upper(self.protocol)
        ttl              = self.ttl
      }
      wait "task" {
        path     = "/tasks/${sent.task_id}"
        interval = "5s"
        delay    = "0s"
        timeout  = "30m"
        usually  = "10s"
        done     = contains(["Completed", "true"], tostring(response.task.is_completed))
        failed   = contains(["Failed", "Canceled"], tostring(response.task.is_completed))
        reason   = "task ${sent.task_id} is ${response.task.is_completed}; tasks give no reason"
        progress = try("${response.task.type} ${response.task.progress_percent}%", "task ${response.task.is_completed}")
        result = {
          id = try(tostring(response.task.record_id), one([for r in response.task.resources : tostring(r.id) if r.type == "record"]))
        }
      }
    }
  }

  delete {
    request "delete" {
      path  = "/domains/${self.domain}/records/${self.id}"
      query = { return_task = true }
      wait "task" {
        when     = try(sent.task_id, null) != null
        path     = "/tasks/${sent.task_id}"
        interval = "5s"
        delay    = "1s"
        timeout  = "30m"
        usually  = "10s"
        done     = contains(["Completed", "true"], tostring(response.task.is_completed))
        failed   = contains(["Failed", "Canceled"], tostring(response.task.is_completed))
        reason   = "task ${sent.task_id} is ${response.task.is_completed}; tasks give no reason"
        progress = try("${response.task.type} ${response.task.progress_percent}%", "task ${response.task.is_completed}")
      }
    }
    # A deleted record stays listed for a while.
    wait "unlisted" {
      path     = "/domains/${self.domain}/records"
      interval = "5s"
      delay    = "0s"
      timeout  = "2m"
      done     = !contains([for r in try(response.records, []) : tostring(r.id)], self.id)
    }
  }

  import "<domain>/<id>" {}

  recover {
    match = upper(item.type) == upper(self.type) && (item.name == self.name || endswith(item.name, ".${self.name}")) && lower(try(item.ip, item.mail_host, item.canonical_name, item.name_server_host, item.target, trim(item.text, "\""), "")) == lower(try(coalesce(self.ip, self.mail_host, self.canonical_name, self.name_server_host, self.target, self.text), ""))
  }
}

resource "serverspace_snapshot" {
  description = "A snapshot of a server. It cannot be changed; its server's interfaces cannot be changed while it exists."

  attribute "id" {
    type     = string
    computed = true
  }
  attribute "server_id" {
    type      = string
    required  = true
    on_change = "replace"
    from      = []
  }
  attribute "name" {
    type      = string
    required  = true
    on_change = "replace"
    validate {
      condition = length(value) >= 1 && length(value) <= 25
      message   = "The name has 1 to 25 characters."
    }
  }
  attribute "size_mb" {
    type     = number
    computed = true
    volatile = true
  }
  attribute "created" {
    type     = string
    computed = true
  }

  create {
    request "create" {
      path = "/servers/${self.server_id}/snapshots"
      body = { name = self.name }
      wait "task" {
        path     = "/tasks/${sent.task_id}"
        interval = "5s"
        delay    = "1s"
        timeout  = "30m"
        usually  = "10s"
        done     = contains(["Completed", "true"], tostring(response.task.is_completed))
        failed   = contains(["Failed", "Canceled"], tostring(response.task.is_completed))
        reason   = "task ${sent.task_id} is ${response.task.is_completed}; tasks give no reason"
        progress = try("${response.task.type} ${response.task.progress_percent}%", "task ${response.task.is_completed}")
      }
    }
    # The task may not tell which snapshot it made: the newest of the name is it.
    wait "listed" {
      path     = "/servers/${self.server_id}/snapshots"
      interval = "5s"
      delay    = "0s"
      timeout  = "5m"
      done     = length([for s in try(response.snapshots, []) : s if s.name == self.name]) > 0
      result   = { id = max([for s in response.snapshots : s.id if s.name == self.name]...) }
    }
  }

  list {
    path       = "/servers/${self.server_id}/snapshots"
    items      = try(response.snapshots, [])
    item_key   = tostring(item.id)
    key        = self.id
    attributes = ["id", "name", "size_mb", "created"]
  }

  delete {
    request "delete" {
      path  = "/servers/${self.server_id}/snapshots/${self.id}"
      query = { return_task = true }
      wait "task" {
        when     = try(sent.task_id, null) != null
        path     = "/tasks/${sent.task_id}"
        interval = "5s"
        delay    = "1s"
        timeout  = "30m"
        usually  = "10s"
        done     = contains(["Completed", "true"], tostring(response.task.is_completed))
        failed   = contains(["Failed", "Canceled"], tostring(response.task.is_completed))
        reason   = "task ${sent.task_id} is ${response.task.is_completed}; tasks give no reason"
        progress = try("${response.task.type} ${response.task.progress_percent}%", "task ${response.task.is_completed}")
      }
    }
  }

  import "<server_id>/<id>" {}

  recover {
    match   = item.name == self.name
    created = item.created
  }
}

resource "serverspace_affinity_group" {
  description = "A group of servers that run on one host, or on different hosts. Servers join at creation."

  attribute "id" {
    type     = string
    computed = true
  }
  attribute "name" {
    type      = string
    required  = true
    on_change = "replace"
    validate {
      condition = length(value) >= 1 && length(value) <= 25
      message   = "The name has 1 to 25 characters."
    }
  }
  attribute "location" {
    type      = string
    required  = true
    on_change = "replace"
    from      = "location_id"
  }
  attribute "affinity" {
    type        = bool
    required    = true
    on_change   = "replace"
    description = "true: on one host; false: on different hosts."
  }
  attribute "server_ids" {
    type     = set(string)
    computed = true
    volatile = true
  }

  create {
    request "create" {
      path   = "/affinity-groups"
      body   = { name = self.name, location_id = self.location, affinity = self.affinity }
      object = try(response.affinity_group, response)
    }
  }

  read {
    request "details" {
      path   = "/affinity-groups/${self.id}"
      object = response.affinity_group
    }
  }

  list {
    path       = "/affinity-groups"
    items      = try(response.affinity_groups, [])
    item_key   = item.id
    key        = self.id
    attributes = ["id", "name", "location", "affinity", "server_ids"]
  }

  delete {
    request "delete" {
      path = "/affinity-groups/${self.id}"
    }
  }

  import "<id>" {}

  recover {
    match = item.name == self.name && item.location_id == self.location
  }
}

resource "serverspace_gateway" {
  description = "A gateway between isolated networks and the internet, with its firewall and address translation."

  attribute "id" {
    type     = string
    computed = true
  }
  attribute "name" {
    type     = string
    required = true
  }
  attribute "location" {
    type      = string
    required  = true
    on_change = "replace"
    from      = "location_id"
  }
  attribute "bandwidth" {
    type        = number
    required    = true
    from        = "nics"
    decode      = try([for n in value : n.bandwidth_mbps if try(n.bandwidth_mbps, 0) > 0][0], null)
    description = "Mbit/s, a multiple of 10."
  }
  attribute "network_ids" {
    type        = set(string)
    required    = true
    from        = "nics"
    decode      = [for n in value : n.network_id if try(coalesce(n.bandwidth_mbps, 0), 0) == 0]
    description = "The isolated networks that it serves, 1 to 3 at creation."
    validate {
      condition = length(value) >= 1
      message   = "A gateway needs at least one isolated network."
    }
  }
  block "firewall_rule" {
    nesting     = "list"
    from        = "firewall_rules"
    description = "A rule; the last that matches counts."
    attribute "action" {
      type     = string
      required = true
    }
    attribute "direction" {
      type     = string
      required = true
    }
    attribute "protocol" {
      type     = string
      required = true
    }
    attribute "source" {
      type     = string
      required = true
    }
    attribute "destination" {
      type     = string
      required = true
    }
    attribute "source_port" {
      type    = number
      default = 0
    }
    attribute "destination_port" {
      type    = number
      default = 0
    }
  }
  block "nat_rule" {
    nesting     = "list"
    from        = "nat_rules"
    description = "A rule of address translation."
    attribute "type" {
      type     = string
      required = true
    }
    attribute "protocol" {
      type     = string
      required = true
    }
    attribute "source" {
      type     = string
      required = true
    }
    attribute "destination" {
      type     = string
      required = true
    }
    attribute "destination_port" {
      type    = number
      default = 0
    }
    attribute "translated" {
      type     = string
      required = true
    }
    attribute "translated_port" {
      type    = number
      default = 0
    }
  }
  attribute "public_ip" {
    type     = string
    computed = true
    from     = "nics"
    decode   = try([for n in value : n.ip_address if try(n.bandwidth_mbps, 0) > 0][0], null)
  }
  attribute "powered_on" {
    type     = bool
    computed = true
  }
  attribute "state" {
    type     = string
    computed = true
    volatile = true
  }
  attribute "created" {
    type     = string
    computed = true
  }

  timeouts {
    create = "30m"
    update = "30m"
    delete = "20m"
  }

  create {
    request "create" {
      path = "/gateways"
      body = {
        name           = self.name
        location_id    = self.location
        bandwidth_mbps = self.bandwidth
        network_ids    = self.network_ids
      }
      wait "task" {
        path     = "/tasks/${sent.task_id}"
        interval = "5s"
        delay    = "0s"
        timeout  = "30m"
        usually  = "25s"
        done     = contains(["Completed", "true"], tostring(response.task.is_completed))
        failed   = contains(["Failed", "Canceled"], tostring(response.task.is_completed))
        reason   = "task ${sent.task_id} is ${response.task.is_completed}; tasks give no reason"
        progress = try("${response.task.type} ${response.task.progress_percent}%", "task ${response.task.is_completed}")
        result = {
          id = try(response.task.gateway_id, one([for r in response.task.resources : r.id if r.type == "gateway"]))
        }
      }
      wait "active" {
        path     = "/gateways/${self.id}"
        interval = "5s"
        delay    = "1s"
        timeout  = "10m"
        usually  = "5s"
        done     = response.gateway.state == "Active"
        failed   = response.gateway.state == "Blocked"
        reason   = "the gateway is blocked"
        progress = response.gateway.state
      }
    }
    request "firewall" {
      when   = length(self.firewall_rule) > 0
      method = "PUT"
      path   = "/gateways/${self.id}/firewall"
      body   = { firewall_rules = self.firewall_rule }
      wait "task" {
        path     = "/tasks/${sent.task_id}"
        interval = "5s"
        delay    = "1s"
        timeout  = "30m"
        usually  = "10s"
        done     = contains(["Completed", "true"], tostring(response.task.is_completed))
        failed   = contains(["Failed", "Canceled"], tostring(response.task.is_completed))
        reason   = "task ${sent.task_id} is ${response.task.is_completed}; tasks give no reason"
        progress = try("${response.task.type} ${response.task.progress_percent}%", "task ${response.task.is_completed}")
      }
      wait "active" {
        path     = "/gateways/${self.id}"
        interval = "5s"
        delay    = "1s"
        timeout  = "10m"
        usually  = "5s"
        done     = response.gateway.state == "Active"
        failed   = response.gateway.state == "Blocked"
        reason   = "the gateway is blocked"
        progress = response.gateway.state
      }
    }
    request "nat" {
      when   = length(self.nat_rule) > 0
      method = "PUT"
      path   = "/gateways/${self.id}/nat"
      body   = { nat_rules = self.nat_rule }
      wait "task" {
        path     = "/tasks/${sent.task_id}"
        interval = "5s"
        delay    = "1s"
        timeout  = "30m"
        usually  = "10s"
        done     = contains(["Completed", "true"], tostring(response.task.is_completed))
        failed   = contains(["Failed", "Canceled"], tostring(response.task.is_completed))
        reason   = "task ${sent.task_id} is ${response.task.is_completed}; tasks give no reason"
        progress = try("${response.task.type} ${response.task.progress_percent}%", "task ${response.task.is_completed}")
      }
      wait "active" {
        path     = "/gateways/${self.id}"
        interval = "5s"
        delay    = "1s"
        timeout  = "10m"
        usually  = "5s"
        done     = response.gateway.state == "Active"
        failed   = response.gateway.state == "Blocked"
        reason   = "the gateway is blocked"
        progress = response.gateway.state
      }
    }
  }

  read {
    request "details" {
      path   = "/gateways/${self.id}"
      object = response.gateway
    }
  }

  list {
    path       = "/gateways"
    items      = try(response.gateways, [])
    item_key   = item.id
    key        = self.id
    attributes = ["id", "name", "location", "bandwidth", "network_ids", "firewall_rule", "nat_rule", "public_ip", "powered_on", "state", "created"]
  }

  update "name" {
    attributes = ["name"]
    request "rename" {
      method = "PUT"
      path   = "/gateways/${self.id}"
      body   = { name = self.name }
    }
  }
  update "bandwidth" {
    attributes = ["bandwidth"]
    request "bandwidth" {
      method = "PUT"
      path   = "/gateways/${self.id}/bandwidth"
      body   = { bandwidth_mbps = self.bandwidth }
      wait "task" {
        path     = "/tasks/${sent.task_id}"
        interval = "5s"
        delay    = "1s"
        timeout  = "30m"
        usually  = "10s"
        done     = contains(["Completed", "true"], tostring(response.task.is_completed))
        failed   = contains(["Failed", "Canceled"], tostring(response.task.is_completed))
        reason   = "task ${sent.task_id} is ${response.task.is_completed}; tasks give no reason"
        progress = try("${response.task.type} ${response.task.progress_percent}%", "task ${response.task.is_completed}")
      }
      wait "active" {
        path     = "/gateways/${self.id}"
        interval = "5s"
        delay    = "1s"
        timeout  = "10m"
        usually  = "5s"
        done     = response.gateway.state == "Active"
        failed   = response.gateway.state == "Blocked"
        reason   = "the gateway is blocked"
        progress = response.gateway.state
      }
    }
  }
  update "networks" {
    attributes = ["network_ids"]
    request "connect" {
      for_each = setsubtract(self.network_ids, prior.network_ids)
      method   = "POST"
      path     = "/gateways/${self.id}/nics"
      body     = { network_id = each.value }
      wait "task" {
        path     = "/tasks/${sent.task_id}"
        interval = "5s"
        delay    = "1s"
        timeout  = "30m"
        usually  = "10s"
        done     = contains(["Completed", "true"], tostring(response.task.is_completed))
        failed   = contains(["Failed", "Canceled"], tostring(response.task.is_completed))
        reason   = "task ${sent.task_id} is ${response.task.is_completed}; tasks give no reason"
        progress = try("${response.task.type} ${response.task.progress_percent}%", "task ${response.task.is_completed}")
      }
      wait "active" {
        path     = "/gateways/${self.id}"
        interval = "5s"
        delay    = "1s"
        timeout  = "10m"
        usually  = "5s"
        done     = response.gateway.state == "Active"
        failed   = response.gateway.state == "Blocked"
        reason   = "the gateway is blocked"
        progress = response.gateway.state
      }
    }
    request "nics" {
      method = "GET"
      path   = "/gateways/${self.id}"
    }
    request "disconnect" {
      for_each = [for n in step.nics.gateway.nics : n.id if contains(setsubtract(prior.network_ids, self.network_ids), n.network_id)]
      method   = "DELETE"
      path     = "/gateways/${self.id}/nics/${each.value}"
      query    = { return_task = true }
      wait "task" {
        when     = try(sent.task_id, null) != null
        path     = "/tasks/${sent.task_id}"
        interval = "5s"
        delay    = "1s"
        timeout  = "30m"
        usually  = "10s"
        done     = contains(["Completed", "true"], tostring(response.task.is_completed))
        failed   = contains(["Failed", "Canceled"], tostring(response.task.is_completed))
        reason   = "task ${sent.task_id} is ${response.task.is_completed}; tasks give no reason"
        progress = try("${response.task.type} ${response.task.progress_percent}%", "task ${response.task.is_completed}")
      }
      wait "active" {
        path     = "/gateways/${self.id}"
        interval = "5s"
        delay    = "1s"
        timeout  = "10m"
        usually  = "5s"
        done     = response.gateway.state == "Active"
        failed   = response.gateway.state == "Blocked"
        reason   = "the gateway is blocked"
        progress = response.gateway.state
      }
    }
  }
  update "firewall" {
    attributes = ["firewall_rule"]
    request "firewall" {
      method = "PUT"
      path   = "/gateways/${self.id}/firewall"
      body   = { firewall_rules = self.firewall_rule }
      wait "task" {
        path     = "/tasks/${sent.task_id}"
        interval = "5s"
        delay    = "1s"
        timeout  = "30m"
        usually  = "10s"
        done     = contains(["Completed", "true"], tostring(response.task.is_completed))
        failed   = contains(["Failed", "Canceled"], tostring(response.task.is_completed))
        reason   = "task ${sent.task_id} is ${response.task.is_completed}; tasks give no reason"
        progress = try("${response.task.type} ${response.task.progress_percent}%", "task ${response.task.is_completed}")
      }
      wait "active" {
        path     = "/gateways/${self.id}"
        interval = "5s"
        delay    = "1s"
        timeout  = "10m"
        usually  = "5s"
        done     = response.gateway.state == "Active"
        failed   = response.gateway.state == "Blocked"
        reason   = "the gateway is blocked"
        progress = response.gateway.state
      }
    }
  }
  update "nat" {
    attributes = ["nat_rule"]
    request "nat" {
      method = "PUT"
      path   = "/gateways/${self.id}/nat"
      body   = { nat_rules = self.nat_rule }
      wait "task" {
        path     = "/tasks/${sent.task_id}"
        interval = "5s"
        delay    = "1s"
        timeout  = "30m"
        usually  = "10s"
        done     = contains(["Completed", "true"], tostring(response.task.is_completed))
        failed   = contains(["Failed", "Canceled"], tostring(response.task.is_completed))
        reason   = "task ${sent.task_id} is ${response.task.is_completed}; tasks give no reason"
        progress = try("${response.task.type} ${response.task.progress_percent}%", "task ${response.task.is_completed}")
      }
      wait "active" {
        path     = "/gateways/${self.id}"
        interval = "5s"
        delay    = "1s"
        timeout  = "10m"
        usually  = "5s"
        done     = response.gateway.state == "Active"
        failed   = response.gateway.state == "Blocked"
        reason   = "the gateway is blocked"
        progress = response.gateway.state
      }
    }
  }

  delete {
    request "delete" {
      path  = "/gateways/${self.id}"
      query = { return_task = true }
      wait "task" {
        when     = try(sent.task_id, null) != null
        path     = "/tasks/${sent.task_id}"
        interval = "5s"
        delay    = "1s"
        timeout  = "30m"
        usually  = "10s"
        done     = contains(["Completed", "true"], tostring(response.task.is_completed))
        failed   = contains(["Failed", "Canceled"], tostring(response.task.is_completed))
        reason   = "task ${sent.task_id} is ${response.task.is_completed}; tasks give no reason"
        progress = try("${response.task.type} ${response.task.progress_percent}%", "task ${response.task.is_completed}")
      }
    }
  }

  import "<id>" {}

  recover {
    match   = item.name == self.name && item.location_id == self.location
    created = item.created
  }
}

data "serverspace_project" {
  description = "The project that the key belongs to."
  attribute "id" {
    type     = number
    computed = true
  }
  attribute "balance" {
    type     = number
    computed = true
  }
  attribute "currency" {
    type     = string
    computed = true
  }
  attribute "state" {
    type     = string
    computed = true
  }
  attribute "created" {
    type     = string
    computed = true
  }
  request "project" {
    path   = "/project"
    object = response.project
  }
}

data "serverspace_locations" {
  description = "The locations with their limits."
  attribute "locations" {
    type = list(object({
      name                      = string
      system_volume_min         = number
      windows_system_volume_min = number
      additional_volume_min     = number
      volume_max                = number
      bandwidth_min             = number
      bandwidth_max             = number
      cpu_quantity_options      = list(number)
      ram_size_options          = list(number)
    }))
    computed = true
  }
  request "locations" {
    path   = "/locations"
    items  = response.locations
    result = { locations = [for l in items : merge(l, { name = l.id })] }
  }
}

data "serverspace_images" {
  description = "The images, or those of a location."
  attribute "location" {
    type     = string
    optional = true
    from     = []
  }
  attribute "images" {
    type = list(object({
      id             = string
      location_id    = string
      type           = string
      os_version     = string
      architecture   = string
      allow_ssh_keys = bool
    }))
    computed = true
  }
  request "images" {
    path   = "/images"
    query  = { location_id = self.location }
    result = { images = response.images }
  }
}

data "serverspace_task" {
  description = "A task."
  attribute "id" {
    type     = string
    required = true
  }
  attribute "type" {
    type     = string
    computed = true
  }
  attribute "is_completed" {
    type     = string
    computed = true
  }
  attribute "progress_percent" {
    type     = number
    computed = true
  }
  attribute "created" {
    type     = string
    computed = true
  }
  attribute "completed" {
    type     = string
    computed = true
  }
  request "task" {
    path   = "/tasks/${self.id}"
    object = response.task
  }
}

data "serverspace_servers" {
  description = "All servers."
  attribute "servers" {
    type = list(object({
      id          = string
      name        = string
      location_id = string
      image_id    = string
      cpu         = number
      ram_mb      = number
      state       = string
      is_power_on = bool
      tags        = list(string)
      created     = string
    }))
    computed = true
  }
  request "servers" {
    path   = "/servers"
    result = { servers = try(response.servers, []) }
  }
}

data "serverspace_server" {
  description = "One server."
  attribute "id" {
    type     = string
    required = true
  }
  attribute "name" {
    type     = string
    computed = true
  }
  attribute "location" {
    type     = string
    computed = true
    from     = "location_id"
  }
  attribute "state" {
    type     = string
    computed = true
  }
  attribute "cpu" {
    type     = number
    computed = true
  }
  attribute "ram" {
    type     = number
    computed = true
    from     = "ram_mb"
  }
  attribute "boot_volume_size" {
    type     = number
    computed = true
    from     = "volumes"
    decode   = one([for v in value : v.size_mb if v.name == "boot"])
  }
  attribute "boot_volume_id" {
    type     = number
    computed = true
    from     = "volumes"
    decode   = one([for v in value : v.id if v.name == "boot"])
  }
  attribute "volumes" {
    type     = list(object({ id = number, name = string, size = number }))
    computed = true
    decode   = [for v in value : { id = v.id, name = v.name, size = v.size_mb } if v.name != "boot"]
  }
  attribute "public_ip_addresses" {
    type     = list(string)
    computed = true
    from     = "nics"
    decode   = sort([for n in value : n.ip_address if n.network_type == "PublicShared"])
  }
  attribute "ssh_keys" {
    type     = list(number)
    computed = true
    from     = "ssh_key_ids"
  }
  attribute "tags" {
    type     = list(string)
    computed = true
  }
  request "server" {
    path   = "/servers/${self.id}"
    object = response.server
  }
}

data "serverspace_networks" {
  description = "All isolated networks."
  attribute "networks" {
    type = list(object({
      id             = string
      name           = string
      location_id    = string
      description    = string
      network_prefix = string
      mask           = number
      tags           = list(string)
    }))
    computed = true
  }
  request "networks" {
    path   = "/networks/isolated"
    result = { networks = try(response.isolated_networks, []) }
  }
}

data "serverspace_network" {
  description = "One isolated network."
  attribute "id" {
    type     = string
    required = true
  }
  attribute "name" {
    type     = string
    computed = true
  }
  attribute "location" {
    type     = string
    computed = true
    from     = "location_id"
  }
  attribute "description" {
    type     = string
    computed = true
  }
  attribute "network_prefix" {
    type     = string
    computed = true
  }
  attribute "mask" {
    type     = number
    computed = true
  }
  attribute "tags" {
    type     = list(string)
    computed = true
  }
  request "network" {
    path   = "/networks/isolated/${self.id}"
    object = response.isolated_network
  }
}

data "serverspace_ssh_keys" {
  description = "All SSH keys."
  attribute "ssh_keys" {
    type     = list(object({ id = number, name = string, public_key = string }))
    computed = true
  }
  request "ssh_keys" {
    path   = "/ssh-keys"
    result = { ssh_keys = try(response.ssh_keys, response.ssh_key, []) }
  }
}

data "serverspace_ssh_key" {
  description = "One SSH key."
  attribute "id" {
    type     = number
    required = true
  }
  attribute "name" {
    type     = string
    computed = true
  }
  attribute "public_key" {
    type     = string
    computed = true
  }
  request "ssh_key" {
    path   = "/ssh-keys/${self.id}"
    object = response.ssh_key
  }
}

data "serverspace_domains" {
  description = "All DNS zones."
  attribute "domains" {
    type     = list(object({ name = string, is_delegated = bool }))
    computed = true
  }
  request "domains" {
    path   = "/domains"
    result = { domains = try(response.domains, []) }
  }
}

data "serverspace_domain" {
  description = "One DNS zone."
  attribute "name" {
    type     = string
    required = true
    from     = []
  }
  attribute "is_delegated" {
    type     = bool
    computed = true
  }
  request "domain" {
    path   = "/domains/${self.name}"
    object = response.domain
  }
}

data "serverspace_domain_records" {
  description = "The records of a DNS zone."
  attribute "domain" {
    type     = string
    required = true
    from     = []
  }
  attribute "records" {
    type = list(object({
      id               = string
      name             = string
      type             = string
      ttl              = string
      ip               = string
      mail_host        = string
      priority         = number
      canonical_name   = string
      name_server_host = string
      text             = string
      protocol         = string
      service          = string
      weight           = number
      port             = number
      target           = string
    }))
    computed = true
  }
  request "records" {
    path   = "/domains/${self.domain}/records"
    result = { records = try(response.records, []) }
  }
}

data "serverspace_gateways" {
  description = "All gateways."
  attribute "gateways" {
    type = list(object({
      id          = string
      name        = string
      location_id = string
      state       = string
      powered_on  = bool
      created     = string
    }))
    computed = true
  }
  request "gateways" {
    path   = "/gateways"
    result = { gateways = try(response.gateways, []) }
  }
}

data "serverspace_affinity_groups" {
  description = "All affinity groups."
  attribute "affinity_groups" {
    type = list(object({
      id          = string
      name        = string
      location_id = string
      affinity    = bool
      server_ids  = list(string)
    }))
    computed = true
  }
  request "groups" {
    path   = "/affinity-groups"
    result = { affinity_groups = try(response.affinity_groups, []) }
  }
}

data "serverspace_snapshots" {
  description = "The snapshots of a server."
  attribute "server_id" {
    type     = string
    required = true
    from     = []
  }
  attribute "snapshots" {
    type     = list(object({ id = number, name = string, size_mb = number, created = string }))
    computed = true
  }
  request "snapshots" {
    path   = "/servers/${self.server_id}/snapshots"
    result = { snapshots = try(response.snapshots, []) }
  }
}

action "serverspace_server_power" {
  description = "Switches a server on or off, shuts it down, reboots or resets it."
  attribute "server_id" {
    type     = string
    required = true
  }
  attribute "action" {
    type     = string
    required = true
    validate {
      condition = contains(["on", "off", "shutdown", "reboot", "reset"], value)
      message   = "The action is \"on\", \"off\" (a hard cut), \"shutdown\", \"reboot\" or \"reset\"."
    }
  }
  request "power" {
    path = "/servers/${self.server_id}/power/${self.action}"
    wait "task" {
      path     = "/tasks/${sent.task_id}"
      interval = "5s"
      delay    = "1s"
      timeout  = "30m"
      usually  = "10s"
      done     = contains(["Completed", "true"], tostring(response.task.is_completed))
      failed   = contains(["Failed", "Canceled"], tostring(response.task.is_completed))
      reason   = "task ${sent.task_id} is ${response.task.is_completed}; tasks give no reason"
      progress = try("${response.task.type} ${response.task.progress_percent}%", "task ${response.task.is_completed}")
    }
  }
}

action "serverspace_snapshot_rollback" {
  description = "Takes a server back to a snapshot."
  confirm     = "overwrites the server's volumes with the snapshot"
  attribute "server_id" {
    type     = string
    required = true
  }
  attribute "snapshot_id" {
    type     = string
    required = true
  }
  request "rollback" {
    path = "/servers/${self.server_id}/snapshots/${self.snapshot_id}/rollback"
    wait "task" {
      path     = "/tasks/${sent.task_id}"
      interval = "5s"
      delay    = "1s"
      timeout  = "30m"
      usually  = "10s"
      done     = contains(["Completed", "true"], tostring(response.task.is_completed))
      failed   = contains(["Failed", "Canceled"], tostring(response.task.is_completed))
      reason   = "task ${sent.task_id} is ${response.task.is_completed}; tasks give no reason"
      progress = try("${response.task.type} ${response.task.progress_percent}%", "task ${response.task.is_completed}")
    }
  }
}

action "serverspace_gateway_power" {
  description = "Starts, stops or restarts a gateway."
  attribute "gateway_id" {
    type     = string
    required = true
  }
  attribute "action" {
    type     = string
    required = true
    validate {
      condition = contains(["start", "stop", "restart"], value)
      message   = "The action is \"start\", \"stop\" or \"restart\"."
    }
  }
  request "power" {
    path = "/gateways/${self.gateway_id}/${self.action}"
    wait "task" {
      path     = "/tasks/${sent.task_id}"
      interval = "5s"
      delay    = "1s"
      timeout  = "30m"
      usually  = "10s"
      done     = contains(["Completed", "true"], tostring(response.task.is_completed))
      failed   = contains(["Failed", "Canceled"], tostring(response.task.is_completed))
      reason   = "task ${sent.task_id} is ${response.task.is_completed}; tasks give no reason"
      progress = try("${response.task.type} ${response.task.progress_percent}%", "task ${response.task.is_completed}")
    }
  }
}

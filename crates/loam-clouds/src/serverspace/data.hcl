# Data sources of the project, its servers and what they can be made of. Those that give a
# list take filter and sort blocks.

# One thing that has a location.
template "at_location" {
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
}

data "serverspace_project" {
  description = "The project that the key belongs to."
  attribute "id" {
    type     = string
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
  choose      = "locations"
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
    result = { locations = [for l in try(response.locations[*], []) : merge(l, { name = l.id })] }
  }
}

data "serverspace_images" {
  description = "The images, or those of a location. An image is there once for each location."
  choose      = "images"
  attribute "location" {
    type     = string
    optional = true
    from     = []
  }
  attribute "images" {
    type = list(object({
      id             = string
      location       = string
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
    result = { images = [for i in try(response.images[*], []) : merge(i, { location = try(i.location_id, null) })] }
  }
}

data "serverspace_applications" {
  description = "The applications that servers can be made with. An application is there once for each location."
  choose      = "applications"
  attribute "location" {
    type     = string
    optional = true
    from     = []
  }
  attribute "application_id" {
    type     = string
    optional = true
    from     = []
  }
  attribute "image" {
    type     = string
    optional = true
    from     = []
  }
  attribute "applications" {
    type = list(object({
      id                     = string
      location               = string
      images                 = list(string)
      category               = string
      documentation_url      = string
      credentials_mode       = string
      llm_key_enabled        = bool
      recommended_cpu        = number
      recommended_ram_mb     = number
      recommended_storage_mb = number
      parameters = list(object({
        name     = string
        required = bool
        default  = string
        secret   = bool
        llm_kind = string
      }))
    }))
    computed = true
  }
  request "applications" {
    path   = "/applications"
    query  = { location_id = self.location, application_id = self.application_id, image_id = self.image }
    result = { applications = [for a in try(response.applications[*], []) : merge(a, { location = try(a.location_id, null) })] }
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
    type        = string
    computed    = true
    description = "New, InProgress, Completed, Failed or Canceled."
  }
  attribute "progress_percent" {
    type     = number
    computed = true
  }
  attribute "location" {
    type     = string
    computed = true
    from     = "location_id"
  }
  attribute "created" {
    type     = string
    computed = true
  }
  attribute "completed" {
    type     = string
    computed = true
  }
  attribute "resources" {
    type     = list(object({ type = string, id = string }))
    computed = true
  }
  request "task" {
    path   = "/tasks/${self.id}"
    object = try(response.task, response)
  }
}

data "serverspace_servers" {
  description = "The servers."
  choose      = "servers"
  attribute "servers" {
    type = list(object({
      id                  = string
      name                = string
      location            = string
      image               = string
      state               = string
      is_power_on         = bool
      cpu                 = number
      ram                 = number
      boot_volume_size    = number
      boot_volume_id      = number
      volumes             = list(object({ id = number, name = string, size = number }))
      public_ip_addresses = list(string)
      nics                = set(object({ id = number, network = string, network_type = string, bandwidth = number, ip_address = string }))
      ssh_keys            = list(number)
      affinity_group_id   = string
      tags                = list(string)
      created             = string
    }))
    computed = true
  }
  request "servers" {
    path = "/servers"
    result = { servers = [for s in try(response.servers[*], []) : merge(s, {
      location            = s.location_id
      image               = try(s.image_id, null)
      ram                 = s.ram_mb
      boot_volume_size    = one([for v in try(s.volumes[*], []) : v.size_mb if v.name == "boot"])
      boot_volume_id      = one([for v in try(s.volumes[*], []) : v.id if v.name == "boot"])
      volumes             = [for v in try(s.volumes[*], []) : { id = v.id, name = v.name, size = v.size_mb } if v.name != "boot"]
      public_ip_addresses = sort(compact([for n in try(s.nics[*], []) : try(n.ip_address, null) if n.network_type == "PublicShared"]))
      nics                = [for n in try(s.nics[*], []) : { id = n.id, network = n.network_type == "PublicShared" ? "" : n.network_id, network_type = n.network_type, bandwidth = try(coalesce(n.bandwidth_mbps, 0), 0), ip_address = try(n.ip_address, null) }]
      ssh_keys            = try(s.ssh_key_ids[*], [])
      tags                = try(s.tags[*], [])
    })] }
  }
}

data "serverspace_server" {
  use         = "at_location"
  description = "One server."
  attribute "image" {
    type     = string
    computed = true
    from     = "image_id"
  }
  attribute "state" {
    type     = string
    computed = true
  }
  attribute "is_power_on" {
    type     = bool
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
    from     = ""
    decode   = one([for v in try(response.volumes[*], []) : v.size_mb if v.name == "boot"])
  }
  attribute "boot_volume_id" {
    type     = number
    computed = true
    from     = ""
    decode   = one([for v in try(response.volumes[*], []) : v.id if v.name == "boot"])
  }
  attribute "volumes" {
    type     = list(object({ id = number, name = string, size = number }))
    computed = true
    from     = ""
    decode   = [for v in try(response.volumes[*], []) : { id = v.id, name = v.name, size = v.size_mb } if v.name != "boot"]
  }
  attribute "public_ip_addresses" {
    type     = list(string)
    computed = true
    from     = ""
    decode   = sort(compact([for n in try(response.nics[*], []) : try(n.ip_address, null) if n.network_type == "PublicShared"]))
  }
  attribute "nics" {
    type     = set(object({ id = number, network = string, network_type = string, bandwidth = number, ip_address = string }))
    computed = true
    from     = ""
    decode   = [for n in try(response.nics[*], []) : { id = n.id, network = n.network_type == "PublicShared" ? "" : n.network_id, network_type = n.network_type, bandwidth = try(coalesce(n.bandwidth_mbps, 0), 0), ip_address = try(n.ip_address, null) }]
  }
  attribute "ssh_keys" {
    type     = list(number)
    computed = true
    from     = ""
    decode   = try(response.ssh_key_ids[*], [])
  }
  attribute "affinity_group_id" {
    type     = string
    computed = true
  }
  attribute "tags" {
    use = "tags_there"
  }
  attribute "applications" {
    description = "What became of the applications that the server was made with."
    type = list(object({
      id             = string
      state          = string
      outcome_reason = string
      installed_at   = string
      addresses      = list(object({ service = string, address = string }))
      app_login      = string
    }))
    computed = true
    from     = ""
    decode   = try(response.application_installations[*], [])
  }
  attribute "created" {
    type     = string
    computed = true
  }
  request "server" {
    path   = "/servers/${self.id}"
    object = response.server
  }
}

data "serverspace_server_price" {
  description = "What a server would cost a month, in the currency of the project."
  attribute "location" {
    type     = string
    required = true
    from     = []
  }
  attribute "image" {
    type     = string
    required = true
    from     = []
  }
  attribute "cpu" {
    type     = number
    required = true
    from     = []
  }
  attribute "ram" {
    type     = number
    required = true
    from     = []
  }
  attribute "boot_volume_size" {
    type     = number
    required = true
    from     = []
  }
  attribute "volume_sizes" {
    type        = list(number)
    optional    = true
    from        = []
    description = "MB of each further volume."
  }
  attribute "bandwidths" {
    type        = list(number)
    optional    = true
    from        = []
    description = "Mbit/s of each public interface; if not set, one with the least bandwidth."
  }
  attribute "price" {
    type     = number
    computed = true
  }
  request "price" {
    method     = "POST"
    idempotent = true
    path       = "/servers/price"
    body = {
      location_id = self.location
      image_id    = self.image
      cpu         = self.cpu
      ram_mb      = self.ram
      volumes     = concat([{ name = "boot", size_mb = self.boot_volume_size }], [for i, size in try(self.volume_sizes[*], []) : { name = "volume${i + 1}", size_mb = size }])
      networks    = self.bandwidths == null ? null : [for b in self.bandwidths : { bandwidth_mbps = b }]
    }
    result = { price = response.price }
  }
}

data "serverspace_snapshots" {
  description = "The snapshots of a server."
  choose      = "snapshots"
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
    result = { snapshots = try(response.snapshots[*], []) }
  }
}

data "serverspace_backup_storages" {
  description = "Where the backups of a location or of a server can be kept, and how many."
  choose      = "storages"
  attribute "location" {
    type     = string
    optional = true
    from     = []
  }
  attribute "image" {
    type     = string
    optional = true
    from     = []
  }
  attribute "server_id" {
    type     = string
    optional = true
    from     = []
  }
  attribute "storages" {
    type = list(object({
      id                   = number
      name                 = string
      description          = string
      price_per_gb         = number
      location             = string
      restore_location_ids = list(string)
    }))
    computed = true
  }
  attribute "schedule_window_from_hour" {
    type     = number
    computed = true
  }
  attribute "schedule_window_to_hour" {
    type     = number
    computed = true
  }
  attribute "daily" {
    type     = object({ max_keep = number, default_keep = number })
    computed = true
  }
  attribute "weekly" {
    type     = object({ max_keep = number, default_keep = number })
    computed = true
  }
  attribute "monthly" {
    type     = object({ max_keep = number, default_keep = number })
    computed = true
  }
  validate {
    condition = (config.location == null) != (config.server_id == null)
    message   = "Give either location (and image) or server_id."
  }
  request "storages" {
    path  = self.server_id == null ? "/backup/storages" : "/servers/${urlencode(self.server_id)}/backup/storages"
    query = { location_id = self.location, image_id = self.image }
    result = {
      storages                  = [for s in try(response.storages[*], []) : merge(s, { location = try(s.location_id, null) })]
      schedule_window_from_hour = response.limits.schedule_window_from_hour
      schedule_window_to_hour   = response.limits.schedule_window_to_hour
      daily                     = response.limits.daily
      weekly                    = response.limits.weekly
      monthly                   = response.limits.monthly
    }
  }
}

data "serverspace_restore_points" {
  description = "The backups of a server that it can be taken back to."
  choose      = "restore_points"
  attribute "server_id" {
    type     = string
    required = true
    from     = []
  }
  attribute "restore_points" {
    type = list(object({
      id                = number
      name              = string
      size_mb           = number
      backup_storage_id = number
      state             = string
      created           = string
      retained_by       = list(string)
      keep_until        = string
      is_manual         = bool
    }))
    computed = true
  }
  request "points" {
    path   = "/servers/${self.server_id}/backup/restore-points"
    result = { restore_points = try(response.restore_points[*], []) }
  }
}

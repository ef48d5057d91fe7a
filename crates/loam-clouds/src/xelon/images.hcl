# What devices are made from: templates, ISO images, SSH keys.

resource "xelon_ssh_key" {
  use         = "identified"
  description = "A public SSH key."

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
    use        = "list"
    path       = "/ssh-keys"
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
  recover {
    match   = item.name == self.name
    created = item.createdAt
  }
}

resource "xelon_template" {
  use         = "identified"
  description = "A template made from a device."

  attribute "name" {
    type     = string
    required = true
  }
  attribute "description" {
    type        = string
    optional    = true
    computed    = true
    description = "The service cannot take a description away again."
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
  attribute "owner_tenant_id" {
    type      = string
    optional  = true
    on_change = "replace"
    from      = []
  }
  attribute "send_email" {
    type      = bool
    default   = false
    on_change = "remember"
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
  change {
    condition = self.description != "" || try(coalesce(prior.description), "") == ""
    message   = "The service cannot take a description away: write another one."
  }
  create {
    request "create" {
      path   = "/templates/create-from-device"
      body   = { deviceId = self.device_id, name = self.name, tenantId = self.tenant_id, sendEmail = self.send_email, description = self.description == "" ? null : self.description, ownerTenantId = self.owner_tenant_id }
      object = response
    }
    # 1 is ready; templates of the service itself show 2.
    wait "ready" {
      use      = "settling"
      path     = "/templates/${self.id}"
      object   = response
      done     = contains([1, 2], response.status)
      failed   = !contains([0, 1, 2], response.status)
      reason   = "the status is ${response.status}, and 1 was expected"
      progress = "status ${response.status}"
    }
  }
  read {
    request "read" {
      path = "/templates/${self.id}"
    }
  }
  list {
    use        = "list"
    path       = "/templates"
    attributes = ["id", "name", "description", "category", "cloud_id", "type", "status"]
  }
  update "names" {
    attributes = ["name", "description"]
    request "update" {
      path       = "/templates/${self.id}"
      body       = { name = self.name, description = self.description == "" ? null : self.description }
      idempotent = true
    }
  }
  delete {
    request "delete" {
      path = "/templates/${self.id}"
    }
  }
  recover {
    match   = item.name == self.name
    created = item.createdAt
  }
}

resource "xelon_iso" {
  use         = "identified"
  description = "An ISO image, fetched from an address or uploaded."

  attribute "name" {
    type     = string
    required = true
  }
  attribute "category_id" {
    type        = number
    required    = true
    from        = []
    description = "The category's number; the service tells its name only."
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
    type        = string
    optional    = true
    on_change   = "replace"
    from        = []
    description = "Where the service fetches it from."
  }
  attribute "content_base64" {
    type        = string
    optional    = true
    write_only  = true
    on_change   = "replace"
    description = "The image itself, such as filebase64(\"tiny.iso\"), to upload: at most 20 MB."
    validate {
      condition = length(value) <= 27962028
      message   = "An uploaded image has at most 20 MB: let the service fetch it with url."
    }
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
    volatile = true
  }
  attribute "category" {
    type         = string
    computed     = true
    changes_with = ["category_id"]
  }
  validate {
    condition = (config.url == null) != (config.content_base64 == null)
    message   = "Set either url or content_base64."
  }
  timeouts {
    create = "60m"
  }
  create {
    request "fetch" {
      when = self.content_base64 == null
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
    request "upload" {
      when = self.content_base64 != null
      path = "/isos/upload"
      form = {
        name             = self.name
        categoryId       = self.category_id
        cloudIdentifier  = self.cloud_id
        description      = self.description
        tenantIdentifier = self.tenant_id
        file             = { file_name = "${self.name}.iso", content_base64 = self.content_base64 }
      }
      object = response
      expect {
        condition = can(body.data.identifier)
        message   = "The uploaded image was expected in \"data\"."
      }
    }
    wait "ready" {
      use      = "settling"
      path     = "/isos/${self.id}"
      object   = response
      done     = response.status == true
      progress = response.status == true ? "ready" : "fetching"
    }
  }
  read {
    request "read" {
      path = "/isos/${self.id}"
    }
  }
  list {
    use        = "list"
    path       = "/isos"
    attributes = ["id", "name", "description", "cloud_id", "active", "category"]
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
  recover {
    match   = item.name == self.name
    created = item.createdAt
  }
}

data "xelon_ssh_key" {
  use         = "id_or_name"
  description = "An SSH key, by id or exact name."
  attribute "public_key" {
    type     = string
    computed = true
    from     = "sshKey"
  }
  request "find" {
    use  = "find"
    path = "/ssh-keys"
  }
  request "details" {
    use  = "details"
    path = "/ssh-keys/${self.id}"
  }
}

data "xelon_ssh_keys" {
  description = "SSH keys."
  attribute "search" {
    type     = string
    optional = true
    from     = []
  }
  attribute "keys" {
    type     = list(object({ id = string, name = string, public_key = string }))
    computed = true
    from     = []
  }
  request "keys" {
    use    = "pages"
    path   = "/ssh-keys"
    query  = { search = self.search }
    result = { keys = [for k in items : { id = k.identifier, name = k.name, public_key = k.sshKey }] }
  }
}

data "xelon_iso" {
  use         = "id_or_name"
  description = "An ISO image, by id or exact name."
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
  request "find" {
    use  = "find"
    path = "/isos"
  }
  request "details" {
    use  = "details"
    path = "/isos/${self.id}"
  }
}

data "xelon_isos" {
  description = "ISO images."
  attribute "search" {
    type     = string
    optional = true
    from     = []
  }
  attribute "isos" {
    type     = list(object({ id = string, name = string, category = string, cloud_id = string, active = bool }))
    computed = true
    from     = []
  }
  request "isos" {
    use    = "pages"
    path   = "/isos"
    query  = { search = self.search }
    result = { isos = [for i in items : { id = i.identifier, name = i.name, category = try(i.category, null), cloud_id = try(i.cloud.identifier, null), active = try(i.active, null) }] }
  }
}

data "xelon_template" {
  use         = "id_or_name"
  description = "A template, by id, or by exact name within a cloud."
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
  # The newest comes last.
  request "find" {
    use    = "pages"
    when   = self.id == null
    path   = "/templates"
    query  = { search = self.name }
    result = { id = element(split(" ", element(sort([for x in items : "${try(x.createdAt, "")} ${x.identifier}" if x.name == self.name && (self.cloud_id == null || try(x.cloudIdentifier, self.cloud_id) == self.cloud_id)]), -1)), -1) }
    expect {
      condition = length([for x in items : x if x.name == self.name && (self.cloud_id == null || try(x.cloudIdentifier, self.cloud_id) == self.cloud_id)]) > 0
      message   = "No template has exactly this name, in this cloud if one was given."
    }
    expect {
      condition = self.most_recent == true || length([for x in items : x if x.name == self.name && (self.cloud_id == null || try(x.cloudIdentifier, self.cloud_id) == self.cloud_id)]) < 2
      message   = "Several templates have this name: set cloud_id or most_recent."
    }
  }
  request "details" {
    use  = "details"
    path = "/templates/${self.id}"
    expect {
      condition = config.cloud_id == null || try(response.cloudIdentifier, config.cloud_id) == config.cloud_id
      message   = "The template with this id is in another cloud."
    }
  }
}

data "xelon_templates" {
  description = "Templates."
  attribute "search" {
    type     = string
    optional = true
    from     = []
  }
  attribute "type" {
    type        = string
    optional    = true
    from        = []
    description = "Such as Linux or Windows."
  }
  attribute "templates" {
    type     = list(object({ id = string, name = string, type = string, category = string, cloud_id = string, status = number }))
    computed = true
    from     = []
  }
  request "templates" {
    use    = "pages"
    path   = "/templates"
    query  = { search = self.search, type = self.type }
    result = { templates = [for t in items : { id = t.identifier, name = t.name, type = try(t.type, null), category = try(t.category, null), cloud_id = try(t.cloudIdentifier, null), status = try(t.status, null) }] }
  }
}

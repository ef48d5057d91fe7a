# Clouds, tenants and their users.

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
    normalize = lower(value)
  }
  attribute "first_name" {
    type     = string
    required = true
    from     = "name"
    validate {
      condition = value != ""
      message   = "A name is needed."
    }
  }
  attribute "last_name" {
    type     = string
    required = true
    from     = "surname"
    validate {
      condition = value != ""
      message   = "A name is needed."
    }
  }
  attribute "phone" {
    type     = string
    optional = true
    computed = true
  }
  attribute "business_phone" {
    type     = string
    optional = true
    computed = true
    from     = ["businessPhone", "business_phone"]
  }
  attribute "job_title" {
    type        = string
    optional    = true
    computed    = true
    from        = "jobTitle"
    description = "Such as developer."
  }
  attribute "password" {
    type       = string
    required   = true
    sensitive  = true
    write_only = true
    validate {
      condition = value != ""
      message   = "A password is needed."
    }
  }
  attribute "roles" {
    type     = set(string)
    required = true
    decode   = [for r in value : try(r.name, r)]
    validate {
      condition = alltrue([for r in value : r != ""])
      message   = "A role is the name of one, such as hq_organization_admin."
    }
  }
  attribute "permissions" {
    type     = set(string)
    required = true
    decode   = [for p in value : try(p.name, p)]
    validate {
      condition = alltrue([for p in value : p != ""])
      message   = "A permission is the name of one; see data source xelon_tenant_permissions."
    }
  }
  attribute "require_password_change" {
    type    = bool
    default = false
    from    = []
  }
  attribute "send_welcome_email" {
    type    = bool
    default = false
    from    = []
  }
  change {
    condition = (prior.require_password_change == null || self.require_password_change == prior.require_password_change) && (prior.send_welcome_email == null || self.send_welcome_email == prior.send_welcome_email)
    message   = "require_password_change and send_welcome_email mean something when the user is created, and cannot be changed later."
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
        roles                   = length(self.roles) > 0 ? self.roles : null
        permissions             = length(self.permissions) > 0 ? self.permissions : null
        phone                   = self.phone
        businessPhone           = self.business_phone
        jobTitle                = self.job_title
      }
      result = { id = response.identifier }
    }
  }
  read {
    request "read" {
      path = "/tenants/${self.tenant_id}/users/${self.id}"
    }
  }
  # The list does not tell roles and permissions.
  list {
    use        = "list"
    path       = "/tenants/${self.tenant_id}/users"
    attributes = ["id", "email", "first_name", "last_name", "phone", "business_phone", "job_title"]
  }
  update "names" {
    attributes = ["first_name", "last_name", "phone", "business_phone", "job_title"]
    request "update" {
      method = "PUT"
      path   = "/tenants/${self.tenant_id}/users/${self.id}"
      body   = { name = self.first_name, surname = self.last_name, phone = self.phone, businessPhone = self.business_phone, jobTitle = self.job_title }
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
  update "greeting" {
    attributes = ["require_password_change", "send_welcome_email"]
  }
  delete {
    request "delete" {
      path = "/tenants/${self.tenant_id}/users/${self.id}"
    }
  }
  import "<tenant_id>/<id>" {}
  recover {
    match = lower(item.email) == lower(self.email) && try(item.isActive, true)
  }
}

data "xelon_cloud" {
  use         = "id_or_name"
  description = "A cloud, by id or name."
  attribute "type" {
    type     = string
    computed = true
  }
  request "clouds" {
    path   = "/clouds"
    items  = try(body.data, response)
    object = one([for c in items : c if(self.id == null || c.identifier == self.id) && (self.name == null || c.name == self.name)])
    expect {
      condition = length([for c in items : c if(self.id == null || c.identifier == self.id) && (self.name == null || c.name == self.name)]) > 0
      message   = "There is no such cloud."
    }
    expect {
      condition = length([for c in items : c if(self.id == null || c.identifier == self.id) && (self.name == null || c.name == self.name)]) < 2
      message   = "Several clouds have this name: set id."
    }
  }
}

data "xelon_clouds" {
  description = "All clouds, or those of a tenant."
  attribute "tenant_id" {
    type     = string
    optional = true
    from     = []
  }
  attribute "clouds" {
    type     = list(object({ id = string, name = string, type = string }))
    computed = true
    from     = []
  }
  request "clouds" {
    path   = "/clouds"
    query  = { tenantIdentifier = self.tenant_id }
    result = { clouds = [for c in response : { id = c.identifier, name = c.name, type = try(c.type, null) }] }
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
  request "current" {
    when   = config.id == null && config.name == null
    path   = "/tenants/current"
    object = response
  }
  request "find" {
    use  = "find"
    when = config.id == null && config.name != null
    path = "/tenants"
  }
  request "details" {
    use    = "details"
    when   = config.id != null || config.name != null
    path   = "/tenants/${self.id}"
    object = response
  }
}

data "xelon_tenants" {
  description = "Tenants."
  attribute "search" {
    type     = string
    optional = true
    from     = []
  }
  attribute "tenants" {
    type     = list(object({ id = string, name = string, parent_tenant_id = string, status = string, type = string }))
    computed = true
    from     = []
  }
  request "tenants" {
    use    = "pages"
    path   = "/tenants"
    query  = { search = self.search }
    result = { tenants = [for t in items : { id = t.identifier, name = t.name, parent_tenant_id = try(t.parent, null), status = try(t.status, null), type = try(t.type, null) }] }
  }
}

data "xelon_tenant_users" {
  description = "The users of a tenant. Those that were deactivated are left out unless asked for."
  attribute "tenant_id" {
    type     = string
    required = true
    from     = []
  }
  attribute "inactive" {
    type        = bool
    optional    = true
    from        = []
    description = "List deactivated users, too."
  }
  attribute "users" {
    type     = list(object({ id = string, email = string, first_name = string, last_name = string, is_active = bool }))
    computed = true
    from     = []
  }
  request "users" {
    use    = "pages"
    path   = "/tenants/${self.tenant_id}/users"
    result = { users = [for u in items : { id = u.identifier, email = u.email, first_name = u.name, last_name = u.surname, is_active = try(u.isActive, true) } if try(u.isActive, true) || self.inactive == true] }
  }
}

data "xelon_tenant_permissions" {
  description = "The permissions that users of a tenant can have."
  attribute "tenant_id" {
    type     = string
    required = true
    from     = []
  }
  attribute "permissions" {
    type     = list(object({ name = string, friendly_name = string, type = string }))
    computed = true
    from     = []
  }
  request "permissions" {
    path   = "/tenants/${self.tenant_id}/users/permissions"
    result = { permissions = [for p in response : { name = p.name, friendly_name = try(p.friendlyName, null), type = try(p.type, null) }] }
  }
}

variable "domain" {
  type        = string
  default     = "demo.test"
  description = "A domain that the account has. The emulated account has this one."
}

variable "name" {
  type        = string
  default     = "api"
  description = "First part of the host name; it changes in place, with the DNS record."
}

variable "plan" {
  type        = string
  default     = "starter"
  description = "Slug of the plan; the server is resized in place, but its disk cannot shrink."
}

variable "system" {
  type        = string
  default     = "Debian 12"
  description = "Version of the operating system; another one replaces the server, and the snapshot with it."
}

variable "power_state" {
  type        = string
  default     = "active"
  description = "active or stopped; it changes in place. A stopped server is still charged."
}

variable "snapshot" {
  type        = string
  default     = "before-upgrade"
  description = "Name of the snapshot; another one replaces it."
}

variable "ttl" {
  type        = number
  default     = 3600
  description = "How long the address is cached, in seconds; it changes in place."
}

variable "mail_priority" {
  type        = number
  default     = 10
  description = "Priority of the mail server; it changes in place."
}

variable "public_key" {
  type        = string
  default     = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGVhY2ggYnl0ZSBpcyBtYWRlIHVwIGZvciBhIHRl me@example.com"
  description = "Public key of whoever may log in. This one belongs to nobody."
}

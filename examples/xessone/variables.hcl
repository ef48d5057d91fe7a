variable "domain" {
  type        = string
  default     = "demo.test"
  description = "A DNS zone of the account. The emulated account has this one."
}

variable "label" {
  type        = string
  default     = "shop-front"
  description = "Name of the machine; it changes in place."
}

variable "image" {
  type        = string
  default     = "debian-12"
  description = "Operating system of the machine; another one replaces the machine, and with it the record of its address."
}

variable "bucket" {
  type        = string
  default     = "shop-media"
  description = "Name of the bucket; another name replaces it."
}

variable "ttl" {
  type        = number
  default     = 3600
  description = "How long the address is cached, in seconds; the API cannot change records, so that another number replaces this one."
}

variable "mail_password" {
  type        = string
  sensitive   = true
  default     = "change-me-2026"
  description = "Password of the mailbox; it changes in place and is never stored. For a first try only: give your own with LOAM_VAR_mail_password."
}

variable "public_key" {
  type        = string
  default     = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGVhY2ggYnl0ZSBpcyBtYWRlIHVwIGZvciBhIHRl me@example.com"
  description = "Public key of whoever may log in. This one belongs to nobody."
}

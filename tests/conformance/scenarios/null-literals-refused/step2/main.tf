variable "a" {
  default = 1
  ephemeral = null
}

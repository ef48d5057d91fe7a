variable "a" {
  default = {}
  type = object({ "a" = optional(string) })
}

variable "e" {
  type      = string
  ephemeral = true
}
variable "d" {
  type      = string
  default   = "dd"
  ephemeral = true
}
module "m" {
  source = "./m"
  e      = var.e
}
resource "terraform_data" "a" {
  input = "n"
}
output "len" {
  value = ephemeralasnull(var.e)
}

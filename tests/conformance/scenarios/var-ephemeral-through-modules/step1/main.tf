variable "e" {
  ephemeral = true
  default   = "tmp"
}
module "m" {
  source = "./m"
  e      = var.e
}
resource "terraform_data" "x" {
  input = module.m.notsecret
}
check "c" {
  assert {
    condition     = module.m.e == "tmp"
    error_message = "no"
  }
}

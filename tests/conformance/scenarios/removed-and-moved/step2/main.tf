moved {
  from = terraform_data.a
  to   = terraform_data.c
}
removed {
  from = terraform_data.b
  lifecycle {
    destroy = false
  }
}
resource "terraform_data" "c" {
  input = 1
}
moved {
  from = module.m
  to   = module.n
}
module "n" {
  source = "./m"
}

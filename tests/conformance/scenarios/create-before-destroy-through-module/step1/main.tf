module "m" { source = "./m" }
resource "terraform_data" "b" { 
  triggers_replace = module.m.id
  lifecycle { create_before_destroy = true }
}

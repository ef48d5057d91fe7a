module "c" {
  source = "./c"
  for_each = { a = 1 }
  v = 2
}
resource "terraform_data" "r" { 
  triggers_replace = [for m in module.c : m.o] 
  lifecycle { create_before_destroy = true }
}
